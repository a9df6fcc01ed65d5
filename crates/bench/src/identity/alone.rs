//! What runs in a process of its own, so that its peak of memory is its own. One line of names and figures, as the peers print it.

use super::keys::{self, Keys, RULES};
use crate::process::peak_bytes;
use identity::bulk::Components;
use identity::growing::Growing;
use identity::universe::Limits;
use std::path::Path;
use std::time::{Duration, Instant};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// All contacts at once, without guards.
pub fn bulk(folder: &Path) -> Fallible<()> {
    let keys = keys::read(folder)?;
    let started = Instant::now();
    let roots = components(&keys, None);
    let found = count(&roots);
    let seconds = started.elapsed().as_secs_f64();
    println!("bulk seconds {seconds:.4} components {found} peak_MiB {:.0}", peak_mib());
    Ok(())
}

/// One contact after the other, with the guards of a new project.
pub fn growing(folder: &Path) -> Fallible<()> {
    let keys = keys::read(folder)?;
    let contacts = keys[0].len();
    let limits = Limits::default();
    let mut growing = Growing::with_limits(usize::from(RULES), limits);
    let mut took: Vec<Duration> = Vec::with_capacity(contacts);
    let started = Instant::now();
    for contact in 0..contacts {
        let mut held = [(0, 0); RULES as usize];
        let mut count = 0;
        for (rule, keys) in (0..).zip(&keys) {
            if keys[contact] != 0 {
                held[count] = (rule, keys[contact]);
                count += 1;
            }
        }
        let before = Instant::now();
        growing.add(&held[..count]);
        took.push(before.elapsed());
    }
    let mean = started.elapsed().as_secs_f64() * 1e6 / contacts as f64;
    let peak = peak_mib();
    check(&growing, &keys, limits)?;
    took.sort_unstable();
    let micros = |part: f64| took[((contacts - 1) as f64 * part) as usize].as_secs_f64() * 1e6;
    println!(
        "growing mean_us {mean:.3} p50_us {:.3} p99_us {:.3} p9999_us {:.3} max_us {:.0} keys {} peak_MiB {peak:.0}",
        micros(0.5),
        micros(0.99),
        micros(0.9999),
        micros(1.0),
        growing.keys(),
    );
    Ok(())
}

/// The groups must be those of the other way, which knows no limit of the group: this data has no group that large.
fn check(growing: &Growing<u64>, keys: &Keys, limits: Limits) -> Fallible<()> {
    let roots = components(keys, limits.hub_limit);
    let mut sizes = vec![0u32; roots.len()];
    roots.iter().for_each(|&root| sizes[root as usize] += 1);
    let largest = sizes.iter().copied().max().unwrap_or(0);
    if limits.max_group.is_some_and(|limit| largest > limit) {
        return Err(format!("a group of {largest}: the two ways may differ").into());
    }
    for (contact, &root) in (0u32..).zip(&roots) {
        let is_same = growing.root(contact) == growing.root(root);
        if !is_same || growing.group_size(contact) != sizes[root as usize] {
            return Err(format!("contact {contact} is in another group than bulk says").into());
        }
    }
    Ok(())
}

fn peak_mib() -> f64 {
    peak_bytes(std::process::id()) as f64 / 1_048_576.0
}

fn components(keys: &Keys, cap: Option<u32>) -> Vec<u32> {
    let mut components = Components::new(keys[0].len());
    for rule in keys {
        let held = (0u32..).zip(rule).filter(|(_, hash)| **hash != 0);
        components.join(held.map(|(contact, &hash)| (hash, contact)), cap);
    }
    components.into_roots()
}

fn count(roots: &[u32]) -> usize {
    (0u32..).zip(roots).filter(|(contact, root)| contact == *root).count()
}
