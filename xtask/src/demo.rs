//! `cargo xtask demo` and `dev`.

use crate::shell::{self, Outcome, output, program, root};
use crate::{product, web};
use std::path::Path;
use std::process::Command;

/// Who can sign in, beside the data.
const LOGINS: &str = "demo-logins.json";

/// Builds pages and program, seeds once, serves until Ctrl-C.
pub fn run(port: u16, data: &Path, is_seeded: bool, is_release: bool) -> Outcome {
    let otklik = if is_release { product::release()? } else { product::debug()? };
    let data = if data.is_absolute() { data.to_owned() } else { root().join(data) };
    let logins = data.join(LOGINS);
    if is_seeded {
        seed(&otklik, &data)?;
    }
    tell(port, &logins);
    let listen = format!("127.0.0.1:{port}");
    shell::run(program(&otklik).args(["serve", "--listen", &listen, "--data"]).arg(&data))
}

/// Fills the demo company, once.
fn seed(otklik: &Path, data: &Path) -> Outcome {
    let logins = data.join(LOGINS);
    if logins.exists() {
        return Ok(());
    }
    println!("filling the demo company…");
    let made = output(program(otklik).arg("demo-data").arg("--data").arg(data))?;
    std::fs::write(&logins, made).map_err(|e| e.to_string())
}

fn tell(port: u16, logins: &Path) {
    let address = format!("http://127.0.0.1:{port}");
    println!("\n  operator app  {address}/inbox\n  demo site     {address}/demo/site");
    let text = std::fs::read_to_string(logins).unwrap_or_default();
    let parsed: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    for login in parsed["logins"].as_array().into_iter().flatten() {
        println!(
            "  sign in       {}  {}  ({})",
            login["email"].as_str().unwrap_or_default(),
            login["password"].as_str().unwrap_or_default(),
            login["name"].as_str().unwrap_or_default()
        );
    }
    println!("\n  Ctrl-C stops it.\n");
}

/// The server in debug, and Vite for the desk in front of it.
pub fn dev() -> Outcome {
    let otklik = product::debug()?;
    let data = root().join("data/dev");
    seed(&otklik, &data)?;
    tell(8080, &data.join(LOGINS));
    let mut server = Command::new(otklik);
    server.current_dir(root()).args(["serve", "--data"]).arg(&data);
    let mut server = server.spawn().map_err(|e| e.to_string())?;
    let pages = shell::run(&mut web::npm(&["run", "dev", "--workspace", "apps/desk"]));
    let _ = server.kill();
    let _ = server.wait();
    pages
}
