//! `receive!`: clauses, guards and a timeout, as in Elixir.

/// Receives by clauses: patterns of several types, guards, a timeout.
///
/// ```text
/// receive! { MAILBOX;
///     PATTERN in TYPE [where GUARD] => EXPRESSION,
///     …
///     [after TIMEOUT => EXPRESSION,]
/// }
/// ```
///
/// The mailbox is looked through from its oldest message; for each, the clauses are tried in order
/// (MBX-1). A guard sees the pattern's variables as references; pids and references compare to
/// their references directly, other values as `*n > 3`. `TIMEOUT` is a `Duration` or an
/// `Option<Duration>`; zero looks once at what is there (MBX-8). The whole is an expression that
/// awaits; its bodies may use `?`, `return`, `break` and `.await`.
///
/// ```
/// # use beamline::prelude::*;
/// # use std::time::Duration;
/// # beamline::Runtime::new().workers(1).run_with(async |mut mailbox: Mailbox| {
/// #[derive(Debug)]
/// enum Calc { Add(i64, i64, Pid), Stop }
/// #[derive(Debug)]
/// struct Sum(i64);
///
/// send(me(), Calc::Add(1, 2, me()));
/// receive! { mailbox;
///     Calc::Add(a, b, to) in Calc where *a < 100 => send(to, Sum(a + b)),
///     Calc::Stop in Calc => return,
///     after Duration::from_secs(5) => panic!("nothing came"),
/// }
/// assert_eq!(mailbox.receive::<Sum>().await.0, 3);
/// # });
/// ```
#[macro_export]
macro_rules! receive {
    ($mailbox:expr; $($clauses:tt)+) => {
        $crate::__receive!(@clauses $mailbox; [] $($clauses)+)
    };
    ($mailbox:expr $(; $(,)?)?) => {
        ::std::compile_error!("a receive needs a clause: `PATTERN in TYPE => EXPRESSION`")
    };
    ($mailbox:expr, $($clauses:tt)*) => {
        ::std::compile_error!("the mailbox of a receive is followed by a semicolon: `mailbox;`")
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __receive {
    (@clauses $mailbox:expr; $done:tt) => {
        $crate::__receive!(@emit $mailbox; $done; None;
            ::std::unreachable!("MBX-9: a receive without a timeout timed out"))
    };
    (@clauses $mailbox:expr; $done:tt after $timeout:expr => $body:expr $(,)?) => {
        $crate::__receive!(@emit $mailbox; $done; $timeout; $body)
    };
    (@clauses $mailbox:expr; [$($done:tt)*]
        $pattern:pat in $type:ty where $guard:expr => $body:block $(, $($rest:tt)*)?) => {
        $crate::__receive!(@clauses $mailbox;
            [$($done)* {$pattern, $type; $guard; $body}] $($($rest)*)?)
    };
    (@clauses $mailbox:expr; [$($done:tt)*]
        $pattern:pat in $type:ty where $guard:expr => $body:expr $(, $($rest:tt)*)?) => {
        $crate::__receive!(@clauses $mailbox;
            [$($done)* {$pattern, $type; $guard; $body}] $($($rest)*)?)
    };
    (@clauses $mailbox:expr; [$($done:tt)*]
        $pattern:pat in $type:ty => $body:block $($rest:tt)*) => {
        $crate::__receive!(@comma $mailbox;
            [$($done)* {$pattern, $type; true; $body}] $($rest)*)
    };
    (@clauses $mailbox:expr; [$($done:tt)*]
        $pattern:pat in $type:ty => $body:expr $(, $($rest:tt)*)?) => {
        $crate::__receive!(@clauses $mailbox;
            [$($done)* {$pattern, $type; true; $body}] $($($rest)*)?)
    };
    // What follows is written wrongly; each arm says how.
    (@clauses $mailbox:expr; $done:tt after $timeout:expr => $body:block $(,)? $($rest:tt)+) => {
        ::std::compile_error!("`after` is the last clause of a receive")
    };
    (@clauses $mailbox:expr; $done:tt after $timeout:expr => $body:expr, $($rest:tt)+) => {
        ::std::compile_error!("`after` is the last clause of a receive")
    };
    (@clauses $mailbox:expr; $done:tt $pattern:pat => $($rest:tt)*) => {
        ::std::compile_error!(::std::concat!(
            "the clause `", ::std::stringify!($pattern), " => …` does not say the message's type: \
             write `", ::std::stringify!($pattern), " in TYPE => …`"
        ))
    };
    (@clauses $mailbox:expr; $done:tt $($rest:tt)+) => {
        ::std::compile_error!(::std::concat!(
            "expected `PATTERN in TYPE [where GUARD] => EXPRESSION,` or, as the last clause, \
             `after TIMEOUT => EXPRESSION`; found `", ::std::stringify!($($rest)+), "`"
        ))
    };
    (@comma $mailbox:expr; $done:tt , $($rest:tt)*) => {
        $crate::__receive!(@clauses $mailbox; $done $($rest)*)
    };
    (@comma $mailbox:expr; $done:tt $($rest:tt)*) => {
        $crate::__receive!(@clauses $mailbox; $done $($rest)*)
    };
    (@emit $mailbox:expr; [$({$pattern:pat, $type:ty; $guard:expr; $body:expr})*];
        $timeout:expr; $after:expr) => {{
        let __found = $mailbox
            .select(
                |__message: &$crate::Message| -> ::std::option::Option<u32> {
                    #[allow(unused_mut)]
                    let mut __clause = 0u32;
                    $(
                        if let ::std::option::Option::Some(__value) = __message.peek::<$type>() {
                            #[allow(unused_variables, unreachable_patterns)]
                            let __hit = match __value {
                                $pattern if $guard => true,
                                _ => false,
                            };
                            if __hit {
                                return ::std::option::Option::Some(__clause);
                            }
                        }
                        #[allow(unused_assignments)]
                        {
                            __clause += 1;
                        }
                    )*
                    ::std::option::Option::None
                },
                ::std::convert::Into::into($timeout),
            )
            .await;
        match __found {
            ::std::option::Option::None => $after,
            ::std::option::Option::Some((__clause, __message)) => {
                $crate::__receive!(@bodies __clause; __message; 0u32;
                    $({$pattern, $type; $body})*)
            }
        }
    }};
    (@bodies $clause:ident; $message:ident; $number:expr;
        {$pattern:pat, $type:ty; $body:expr}) => {
        $crate::__receive!(@body $message; $pattern, $type; $body)
    };
    (@bodies $clause:ident; $message:ident; $number:expr;
        {$pattern:pat, $type:ty; $body:expr} $($rest:tt)+) => {
        if $clause == $number {
            $crate::__receive!(@body $message; $pattern, $type; $body)
        } else {
            $crate::__receive!(@bodies $clause; $message; $number + 1u32; $($rest)+)
        }
    };
    (@bodies $clause:ident; $message:ident; $number:expr;) => {
        ::std::unreachable!("a receive without clauses took {:?}", $message)
    };
    (@body $message:ident; $pattern:pat, $type:ty; $body:expr) => {
        match $message.downcast::<$type>() {
            ::std::result::Result::Ok(__value) => match __value {
                // What only the guard looks at is not used again here.
                #[allow(unused_variables)]
                $pattern => $body,
                #[allow(unreachable_patterns)]
                _ => ::std::unreachable!("a message changed between its guard and its body"),
            },
            ::std::result::Result::Err(_) => ::std::unreachable!("a message changed its type"),
        }
    };
}
