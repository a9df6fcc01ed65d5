//! Scripts that drive a real browser over the product and print numbers.

use crate::process::{EMAIL, PASSWORD, Running};
use std::path::Path;
use std::process::Command;

/// What a browser is driven by.
pub struct Browser<'b> {
    /// Folder of the web, with its modules.
    pub web: &'b Path,
    /// The program.
    pub chromium: &'b Path,
    /// The script.
    pub script: &'b Path,
}

impl Browser<'_> {
    /// Runs the script as somebody who may sign in; what it prints beside its numbers is passed on.
    pub fn measure<const N: usize>(
        &self,
        server: &Running,
        more: &[&str],
    ) -> Result<[f64; N], Box<dyn std::error::Error>> {
        // The bench has a core of its own; a browser has all of them.
        let mut node = Command::new("sh");
        node.args(["-c", "exec taskset -c 0-$(($(nproc --all) - 1)) node \"$0\" \"$@\""]);
        node.arg(self.script).arg(self.web).arg(self.chromium);
        let output = node.args([&format!("http://{}", server.address), EMAIL, PASSWORD]).args(more).output()?;
        let told = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            return Err(told.into_owned().into());
        }
        eprint!("{told}");
        let text = String::from_utf8(output.stdout)?;
        let numbers: Vec<f64> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        numbers.try_into().map_err(|_| "the browser's script printed other numbers".into())
    }
}
