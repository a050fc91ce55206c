//! Scenarios: programs with a name and expectations, collected in a catalogue.

use std::fmt;
use std::future::Future;

use beamline::Outcome;

use crate::campaign::{Campaign, Settings};
use crate::faults::Faults;
use crate::world::{Body, Limits};

/// A program and what is expected of it.
#[derive(Clone)]
pub struct Scenario {
    name: String,
    about: String,
    body: Body,
    #[cfg(feature = "threads")]
    on_threads: crate::threads::Program,
    settings: Settings,
    expectation: Expectation,
    classes: Option<(u64, u64)>,
}

/// What is expected of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expectation {
    /// Nothing is ever violated.
    Sound,
    /// It has a planted bug that must be found.
    Broken {
        /// The verdict it must give: an id, or the beginning of one.
        verdict: String,
        /// The most events its shrunk story may have.
        story_max: usize,
        /// The name of the same program without the bug.
        mended: Option<String>,
        /// It must be found within so many runs, or the whole campaign is void.
        canary: Option<u64>,
    },
}

impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scenario")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Scenario {
    /// A sound program. The group is what stands before `::` in its name.
    ///
    /// # Panics
    /// If the name is empty or holds blanks.
    pub fn new<F, Fut, R>(name: impl Into<String>, body: F) -> Scenario
    where
        F: Fn() -> Fut + Send + Sync + Clone + 'static,
        Fut: Future<Output = R> + Send + 'static,
        R: Outcome + 'static,
    {
        let name = name.into();
        assert!(
            !name.is_empty() && !name.contains(char::is_whitespace),
            "a scenario's name is one word, got {name:?}"
        );
        Scenario {
            name,
            about: String::new(),
            #[cfg(feature = "threads")]
            on_threads: crate::threads::Program::new(body.clone()),
            body: Body::new(async move || body().await),
            settings: Settings::default(),
            expectation: Expectation::Sound,
            classes: None,
        }
    }

    /// One line about it.
    #[must_use]
    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.about = about.into();
        self
    }

    /// Which faults are injected.
    #[must_use]
    pub fn faults(mut self, faults: Faults) -> Self {
        self.settings.faults = faults;
        self
    }

    /// Runs of a campaign that says nothing else.
    #[must_use]
    pub fn runs(mut self, runs: u64) -> Self {
        self.settings.runs = runs;
        self
    }

    /// Bounds of each run.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.settings.limits = limits;
        self
    }

    /// Ids of `sometimes!` and `reachable!` that a campaign must see.
    #[must_use]
    pub fn expects<I: IntoIterator<Item: Into<String>>>(mut self, ids: I) -> Self {
        self.settings.declares = ids.into_iter().map(Into::into).collect();
        self
    }

    /// Processes that outlive the root are a failure.
    #[must_use]
    pub fn no_leaks(mut self) -> Self {
        self.settings.no_leaks = true;
        self
    }

    /// Runs go on when their root has ended, as [`Check::settles`](crate::Check::settles) says.
    #[must_use]
    pub fn settles(mut self) -> Self {
        self.settings.settle = Some(crate::campaign::SETTLE);
        self
    }

    /// It has a planted bug: a campaign must give a verdict whose id begins like this, and its
    /// shrunk story must have at most so many events.
    #[must_use]
    pub fn broken(mut self, verdict: impl Into<String>, story_max: usize) -> Self {
        self.expectation = Expectation::Broken {
            verdict: verdict.into(),
            story_max,
            mended: None,
            canary: None,
        };
        self
    }

    /// The name of the same program without the bug.
    ///
    /// # Panics
    /// If it is not [`broken`](Self::broken).
    #[must_use]
    pub fn mended(mut self, name: impl Into<String>) -> Self {
        match &mut self.expectation {
            Expectation::Broken { mended, .. } => *mended = Some(name.into()),
            Expectation::Sound => panic!("{} is not broken, so it has no mended twin", self.name),
        }
        self
    }

    /// Its bug must be found within so many runs, or everything else that was run means nothing.
    ///
    /// # Panics
    /// If it is not [`broken`](Self::broken).
    #[must_use]
    pub fn canary(mut self, runs: u64) -> Self {
        match &mut self.expectation {
            Expectation::Broken { canary, .. } => *canary = Some(runs),
            Expectation::Sound => panic!("{} is not broken, so it is no canary", self.name),
        }
        self
    }

    /// How many classes of schedules there are and how many of them fail, where that is known: what
    /// strategies are compared with.
    ///
    /// # Panics
    /// If more fail than there are.
    #[must_use]
    pub fn classes(mut self, failing: u64, all: u64) -> Self {
        assert!(
            failing <= all,
            "{}: {failing} of {all} classes fail",
            self.name
        );
        self.classes = Some((failing, all));
        self
    }

    /// The failing classes of schedules and all of them, if [declared](Self::classes).
    pub fn class_counts(&self) -> Option<(u64, u64)> {
        self.classes
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What stands before `::` in its name.
    pub fn group(&self) -> &str {
        self.name.split_once("::").map_or("", |(group, _)| group)
    }

    /// The line about it.
    pub fn about_text(&self) -> &str {
        &self.about
    }

    /// What is expected of it.
    pub fn expectation(&self) -> &Expectation {
        &self.expectation
    }

    /// How it is run unless told otherwise.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// A campaign over it.
    pub fn campaign(&self, settings: Settings) -> Campaign {
        Campaign {
            name: self.name.clone(),
            body: self.body.clone(),
            settings,
        }
    }

    /// Runs it on the threaded backend.
    #[cfg(feature = "threads")]
    pub fn run_on_threads(&self, workers: usize) -> crate::threads::ThreadsRun {
        self.on_threads.run(workers)
    }
}

/// Scenarios by name.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    scenarios: Vec<Scenario>,
}

impl Catalogue {
    /// No scenarios.
    pub fn new() -> Catalogue {
        Catalogue::default()
    }

    /// Adds a scenario.
    ///
    /// # Panics
    /// If there is one of that name.
    #[must_use]
    pub fn with(mut self, scenario: Scenario) -> Catalogue {
        let name = scenario.name();
        assert!(self.get(name).is_none(), "two scenarios are called {name}");
        self.scenarios.push(scenario);
        self
    }

    /// Adds several.
    ///
    /// # Panics
    /// As [`with`](Self::with).
    #[must_use]
    pub fn with_all(self, scenarios: impl IntoIterator<Item = Scenario>) -> Catalogue {
        scenarios.into_iter().fold(self, Catalogue::with)
    }

    /// The scenario of a name.
    pub fn get(&self, name: &str) -> Option<&Scenario> {
        self.scenarios
            .iter()
            .find(|scenario| scenario.name() == name)
    }

    /// All scenarios, in the order they were added.
    pub fn iter(&self) -> std::slice::Iter<'_, Scenario> {
        self.scenarios.iter()
    }
}

impl<'a> IntoIterator for &'a Catalogue {
    type Item = &'a Scenario;
    type IntoIter = std::slice::Iter<'a, Scenario>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
