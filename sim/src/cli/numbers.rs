//! Numbers and times as people read them.

use std::time::Duration;

/// With a comma between thousands.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Runs per second, to two or three digits.
pub(super) fn rate(runs: u64, elapsed: Duration) -> String {
    let per_second = runs as f64 / elapsed.as_secs_f64().max(1e-6);
    if !per_second.is_finite() || per_second < 1.0 {
        return "<1".into();
    }
    let magnitude = 10f64.powf(per_second.log10().floor() - 1.0).max(1.0);
    grouped(((per_second / magnitude).round() * magnitude) as u64)
}

/// `1.2s`, `340ms`.
pub(super) fn short_time(time: Duration) -> String {
    if time < Duration::from_millis(1) {
        format!("{}µs", time.as_micros())
    } else if time < Duration::from_secs(1) {
        format!("{}ms", time.as_millis())
    } else if time < Duration::from_secs(600) {
        format!("{:.1}s", time.as_secs_f64())
    } else {
        format!("{}min", time.as_secs() / 60)
    }
}

/// A word with its number: `1 run`, `2 runs`.
pub(super) fn count(number: u64, word: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {word}{plural}", grouped(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(
            [0, 999, 1_000, 1_234_567].map(grouped).join(" "),
            "0 999 1,000 1,234,567"
        );
        assert_eq!(rate(123_456, Duration::from_secs(1)), "120,000");
        assert_eq!(rate(0, Duration::from_secs(1)), "<1");
        assert_eq!(rate(7, Duration::ZERO), "7,000,000");
        assert_eq!(short_time(Duration::from_micros(900)), "900µs");
        assert_eq!(short_time(Duration::from_millis(1_250)), "1.2s");
        assert_eq!(
            (count(1, "run"), count(2, "run")),
            ("1 run".into(), "2 runs".into())
        );
    }
}
