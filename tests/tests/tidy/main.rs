//! Tidiness: rules about the sources themselves, held by reading them.
//!
//! Each module is one kind of rule and says at its top what it asks for and why. Lists of
//! exceptions may only shrink: an entry that is no longer needed fails as well.

mod documents;
mod layers;
mod layers_table;
mod manifests;
mod sizes;
mod source;
mod unsafety;
mod words;

/// Fails with all complaints at once, so that one run shows everything there is to mend.
fn demand(rule: &str, complaints: Vec<String>) {
    assert!(
        complaints.is_empty(),
        "{rule}:\n  {}\n",
        complaints.join("\n  ")
    );
}
