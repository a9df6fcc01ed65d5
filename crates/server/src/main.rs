//! `otklik`: the whole product in one program (commands: `architecture.md` section 6).

use clap::{Parser, Subcommand};
use server::announce::AnnounceOptions;
use server::config::{DataOptions, InitOptions, LicenceOptions, ServeOptions};
use std::path::PathBuf;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(name = "otklik", version, about = "Отклик: one inbox for a site, Telegram and every other channel")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Starts the server.
    Serve(ServeOptions),
    /// Makes an account with its owner, project and API key; prints them as JSON.
    Init(InitOptions),
    /// Fills an empty installation with a believable company; prints the logins as JSON.
    DemoData(DataOptions),
    /// Brings the database to this program's schema.
    Migrate(DataOptions),
    /// Computes every multi-contact anew and says how many contacts changed their group.
    Rebuild(DataOptions),
    /// Writes a consistent copy of a SQLite installation's database, also while it runs.
    Backup {
        #[command(flatten)]
        data: DataOptions,
        /// New file.
        file: PathBuf,
    },
    /// Puts a copy made by `backup` in place of the database of a stopped installation.
    Restore {
        #[command(flatten)]
        data: DataOptions,
        /// File made by `backup`.
        file: PathBuf,
    },
    /// Makes a new master key and seals every stored secret with it; the server must be stopped.
    RotateKey {
        #[command(flatten)]
        data: DataOptions,
        /// The old key is lost for good: what it sealed is emptied, and every channel's token is pasted again.
        #[arg(long)]
        give_up_lost: bool,
    },
    /// Sets plan and dates of an account's licence; prints it as JSON. Without a plan everything is on.
    Licence(LicenceOptions),
    /// Takes the second factor from whoever lost their phone and the codes on paper; their sessions end.
    RemoveSecondFactor {
        #[command(flatten)]
        data: DataOptions,
        /// What they sign in with.
        #[arg(long)]
        email: String,
    },
    /// Tells every account of the installation something: news, maintenance or an incident; prints it as JSON.
    Announce(Box<AnnounceOptions>),
    /// Looks for what is wrong with an installation.
    Doctor(DataOptions),
    /// Runs scenarios against a script of events in virtual time: your own tests of a bot.
    #[command(subcommand)]
    Scenario(ScenarioCommand),
    /// Prints the API description.
    Openapi,
    /// Prints the description of the live sockets (AsyncAPI).
    Asyncapi,
}

#[derive(Subcommand)]
enum ScenarioCommand {
    /// Prints what happens in each step, and the report, as JSON.
    Run {
        /// Script, `-` for standard input.
        script: PathBuf,
    },
    /// Compares what happens with what the script expects; differences are printed and end with 1.
    Test {
        /// Script, `-` for standard input.
        script: PathBuf,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    server::config::keep_files_private();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(server::config::worker_threads())
        .build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run(cli.command)),
        Err(error) => Err(error.to_string()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(words) => {
            eprintln!("otklik: {words}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), String> {
    match command {
        Command::Serve(options) => server::serve(options).await,
        Command::Init(options) => server::commands::init(options).await,
        Command::DemoData(options) => server::commands::demo_data(options).await,
        Command::Migrate(options) => server::commands::migrate(options).await,
        Command::Rebuild(options) => server::commands::rebuild(options).await,
        Command::Backup { data, file } => server::commands::backup(data, &file).await,
        Command::Restore { data, file } => server::commands::restore(&data, &file),
        Command::RotateKey { data, give_up_lost } => server::commands::rotate_key(data, give_up_lost).await,
        Command::Licence(options) => server::commands::licence(options).await,
        Command::RemoveSecondFactor { data, email } => server::commands::remove_second_factor(data, &email).await,
        Command::Announce(options) => server::announce::announce(*options).await,
        Command::Doctor(options) => server::commands::doctor(options).await,
        Command::Scenario(ScenarioCommand::Run { script }) => server::scenario_scripts::run(&script),
        Command::Scenario(ScenarioCommand::Test { script }) => server::scenario_scripts::test(&script),
        Command::Openapi => {
            println!("{}", server::openapi_json()?);
            Ok(())
        }
        Command::Asyncapi => {
            println!("{}", server::asyncapi_json());
            Ok(())
        }
    }
}
