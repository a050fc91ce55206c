//! Reading the first line of a failure file.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::fields::{Fields, Warning, shorten};
use super::{FORMAT, Header, ReadError, VERSION};
use crate::choice::ChoiceKind;
use crate::faults::Faults;
use crate::mode::{Delivery, Granularity};
use crate::seed::Seed;

impl Header {
    /// The header from the fields of the first line.
    pub(super) fn take(
        mut fields: Fields,
        warnings: &mut Vec<Warning>,
    ) -> Result<Header, ReadError> {
        let format = fields.text("format", &format!("the text `{FORMAT}`"))?;
        if format != FORMAT {
            let problem = format!("expected the text `{FORMAT}`, got `{}`", shorten(&format));
            return Err(fields.problem("format", problem));
        }
        let version = fields.text("version", "a version such as 1.0")?;
        check_version(&version).map_err(|problem| fields.problem("version", problem))?;

        let name = "a text";
        Ok(Header {
            scenario: fields.text("scenario", "the name of a scenario")?,
            beamline: fields.optional_text("beamline", name)?.unwrap_or_default(),
            rustc: fields.optional_text("rustc", name)?,
            target: fields.optional_text("target", name)?,
            granularity: fields.parsed("granularity", "fused or fine", resolved_granularity)?,
            delivery: fields.parsed("delivery", "pairwise or immediate", Delivery::from_str)?,
            strategy: fields.optional_text("strategy", name)?.unwrap_or_default(),
            seed: fields.parsed("seed", "a seed such as 0x2a", Seed::from_str)?,
            run: fields.number_or_zero("run")?,
            faults: faults(fields.object("faults")?)?,
            limits: limits(fields.object("limits")?)?,
            verdict: fields.text("verdict", "the id of what was violated")?,
            location: fields.optional_text("location", name)?,
            story: fields.number_or_zero("story")?,
            extra: fields.rest(warnings),
        })
    }
}

/// A run has one granularity; a mixed one is that of a campaign.
fn resolved_granularity(text: &str) -> Result<Granularity, String> {
    match text.parse() {
        Ok(granularity @ (Granularity::Fused | Granularity::Fine)) => Ok(granularity),
        _ => Err(format!("expected fused or fine, got `{}`", shorten(text))),
    }
}

fn check_version(text: &str) -> Result<(), String> {
    let number = |text: &str| text.parse::<u64>().ok();
    let version = text
        .split_once('.')
        .and_then(|(major, minor)| Some((number(major)?, number(minor)?)));
    match version {
        Some((major, _)) if major == VERSION.0 => Ok(()),
        Some((major, _)) => {
            let by = if major > VERSION.0 {
                "a later Beamline wrote it"
            } else {
                "it is too old"
            };
            Err(format!("expected {}.x, got {text}: {by}", VERSION.0))
        }
        None => Err(format!(
            "expected a version such as 1.0, got `{}`",
            shorten(text)
        )),
    }
}

/// Unlike other fields, an unknown kind of fault is refused: without it the choices are others.
fn faults(mut fields: Fields) -> Result<Faults, ReadError> {
    let mut faults = Faults::none().victims(fields.texts("victims")?);
    for name in fields.names() {
        let kind = name
            .parse::<ChoiceKind>()
            .ok()
            .filter(|kind| kind.is_fault());
        let Some(kind) = kind else {
            let known = ChoiceKind::FAULTS.map(ChoiceKind::name).join(", ");
            return Err(fields.problem(&name, format!("no kind of fault; expected {known}")));
        };
        let budget = fields.number(&name, 0..=u64::from(u32::MAX), "a budget below 2^32")?;
        faults = faults.with(kind, budget as u32);
    }
    Ok(faults)
}

fn limits(mut fields: Fields) -> Result<BTreeMap<String, u64>, ReadError> {
    let names = fields.names().into_iter();
    names
        .map(|name| {
            let limit = fields.number(&name, 0..=u64::MAX, "a whole number")?;
            Ok((name, limit))
        })
        .collect()
}
