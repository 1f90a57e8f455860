//! A step that panics, which nothing that is known can make it do: one of this name does, in tests.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use crate::files::{self, Existing, Mode};
use crate::report::Status;
use crate::suite::Suite;

#[test]
fn a_step_that_panics_takes_no_other_with_it_and_the_run_says_that_countersign_broke() {
    let bank = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let host = bank.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in bank.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join("requests").join(name);
        files::write(&path, text.as_bytes(), Mode::Shared, Existing::Keep).unwrap();
    };
    write("environments/test.yaml", &format!("host: http://{host}\n"));
    write("suite.yaml", "environment: test\ndefaults: {snapshot: false}\n");
    for name in ["before", crate::run::PANICS, "zulu"] {
        write(&format!("{name}.yaml"), "method: GET\nendpoint: /\n");
    }
    write("behind.yaml", &format!("needs: [{}]\nmethod: GET\nendpoint: /\n", crate::run::PANICS));
    let outcome = Suite::open(folder.path()).unwrap().jobs(2).run().unwrap();
    let of = |name: &str| outcome.request(name).unwrap();
    let statuses = ["before", "zulu", "behind", crate::run::PANICS].map(|name| of(name).status());
    assert_eq!(statuses, [Status::Passed, Status::Passed, Status::Skipped, Status::Error]);
    assert_eq!(outcome.summary().class, Some(crate::diag::Class::Bug));
    let problem = &of(crate::run::PANICS).problems()[0];
    let said = problem.to_string();
    assert!(said.contains("countersign broke while it carried out `panics`"), "{said}");
}
