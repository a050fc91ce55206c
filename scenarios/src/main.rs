//! The `beamline` command: the catalogue of this package behind the simulator's command line.

fn main() -> std::process::ExitCode {
    beamline_sim::cli::main(beamline_scenarios::catalogue())
}
