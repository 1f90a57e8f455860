//! The files of `docs/ci/` work as far as this machine can tell: they are read as YAML, and what they
//! run is run, shard by shard, on the example suite.

use std::collections::BTreeMap;

use serde_yaml::Value;

use crate::support::{Project, Said, repository, said};

fn documents(file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(repository().join("docs/ci").join(file)).unwrap();
    let documents = text.split("\n---\n").map(|text| serde_yaml::from_str(text).unwrap());
    documents.collect()
}

/// A script in the shell, with the binary on its path and these variables.
fn shell(project: &Project, script: &str, variables: &[(&str, &str)]) -> Said {
    let mut command = project.command(&[]);
    let binary = std::path::Path::new(command.get_program()).parent().unwrap().to_owned();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    command = std::process::Command::new("sh");
    command
        .args(["-euc", script])
        .current_dir(project.path())
        .env_clear()
        .env("PATH", path)
        .env("CI", "true");
    said(&command.envs(variables.iter().copied()).output().unwrap())
}

/// The example suite, and the parts of it that are there when all shards have run.
fn has_all(project: &Project, files: &[&str]) {
    for file in files {
        assert!(project.has(file), "{file} was not made");
    }
}

/// The lines that a workflow runs in a job, by the names of its steps.
fn runs(job: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let steps = job["steps"].as_sequence().unwrap().iter();
    steps.filter_map(|step| Some((text(&step["name"])?, text(&step["run"])?))).collect()
}

#[test]
fn the_workflow_of_github_runs_four_shards_and_joins_them() {
    let workflow = documents("github-actions.yaml").remove(0);
    let project = Project::shipped();
    let jobs = &workflow["jobs"];
    let matrix = jobs["shard"]["strategy"]["matrix"]["shard"].as_sequence().unwrap();
    let numbers: Vec<u64> = matrix.iter().map(|number| number.as_u64().unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
    let keys = [("TLS_KEY", "a key"), ("SIGNING_KEY", "a key")];
    shell(&project, &runs(&jobs["shard"])["Write the keys"], &keys).ends_with(0);
    assert_eq!(project.read("certificates/client_tls.key"), "a key");
    for number in numbers {
        let line = runs(&jobs["shard"])["Run"].replace("${{ matrix.shard }}", &number.to_string());
        assert!(!line.contains("${{"), "{line}");
        shell(&project, &line, &[]).ends_with(0);
    }
    let merged = shell(&project, &runs(&jobs["report"])["Report"], &[]);
    merged.ends_with(0);
    has_all(&project, &["countersign.html", "junit.xml"]);
}

#[test]
fn the_pipeline_of_gitlab_runs_four_shards_and_joins_them() {
    let pipeline = documents("gitlab-ci.yaml").remove(0);
    let project = Project::shipped();
    let script = |job: &str| pipeline[job]["script"][0].as_str().unwrap().to_owned();
    let total = pipeline["suite"]["parallel"].as_u64().unwrap();
    for number in 1..=total {
        let variables = [("CI_NODE_INDEX", &*number.to_string()), ("CI_NODE_TOTAL", &*total.to_string())];
        shell(&project, &script("suite"), &variables).ends_with(0);
    }
    shell(&project, &script("report"), &[]).ends_with(0);
    let reports = &pipeline["report"]["artifacts"]["reports"];
    has_all(&project, &[reports["junit"].as_str().unwrap(), reports["codequality"].as_str().unwrap()]);
}

/// What a container is started with, in a folder that stands for its volume.
fn arguments(container: &Value, project: &Project, replaced: &[(&str, &str)]) -> Vec<String> {
    let results = project.path().join("results");
    let texts = container["args"].as_sequence().unwrap().iter().map(|text| text.as_str().unwrap());
    let settle = |text: &str| {
        let text = text.replace("/results", results.to_str().unwrap());
        replaced.iter().fold(text, |text, (name, value)| text.replace(name, value))
    };
    texts.map(settle).collect()
}

fn run(project: &Project, arguments: &[String], variables: &[(&str, &str)]) -> Said {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    said(&project.command(&arguments).env("CI", "true").envs(variables.iter().copied()).output().unwrap())
}

#[test]
fn the_jobs_of_kubernetes_run_four_shards_and_join_them() {
    let objects = documents("kubernetes.yaml");
    let kinds: Vec<&str> = objects.iter().map(|object| object["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["PersistentVolumeClaim", "Job", "Job"]);
    let container = |object: &Value| object["spec"]["template"]["spec"]["containers"][0].clone();
    let project = Project::shipped();
    assert_eq!(objects[1]["spec"]["completionMode"], "Indexed");
    for index in 0..objects[1]["spec"]["completions"].as_u64().unwrap() {
        let index = index.to_string();
        let arguments = arguments(&container(&objects[1]), &project, &[("$(JOB_COMPLETION_INDEX)", &index)]);
        run(&project, &arguments, &[("JOB_COMPLETION_INDEX", &index)]).ends_with(0);
    }
    run(&project, &arguments(&container(&objects[2]), &project, &[]), &[]).ends_with(0);
    has_all(&project, &["results/junit.xml", "results/countersign.html"]);
    for job in &objects[1..] {
        assert_eq!(job["spec"]["template"]["spec"]["securityContext"]["runAsNonRoot"], true);
        assert_eq!(container(job)["securityContext"]["readOnlyRootFilesystem"], true);
    }
}

#[test]
fn the_workflow_of_argo_runs_four_shards_and_joins_them() {
    let workflow = documents("argo.yaml").remove(0);
    let templates = workflow["spec"]["templates"].as_sequence().unwrap();
    let named = |name: &str| templates.iter().find(|template| template["name"] == name).unwrap();
    let project = Project::shipped();
    let sequence = &named("suite")["steps"][0][0]["withSequence"];
    assert_eq!((sequence["start"].as_str(), sequence["end"].as_str()), (Some("1"), Some("4")));
    for number in 1..=4 {
        let number = number.to_string();
        let replaced = [("{{inputs.parameters.shard}}", number.as_str())];
        run(&project, &arguments(&named("run")["container"], &project, &replaced), &[]).ends_with(0);
    }
    run(&project, &arguments(&named("report")["container"], &project, &[]), &[]).ends_with(0);
    has_all(&project, &["results/junit.xml"]);
}

/// No image can be built in a test; what would break one can be seen.
#[test]
fn the_image_is_built_as_the_project_is_and_runs_as_nobody_with_power() {
    let text = std::fs::read_to_string(repository().join("docs/ci/Dockerfile")).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    assert_eq!(lines[0], "ARG BASE=gcr.io/distroless/cc-debian12:nonroot");
    let manifest = std::fs::read_to_string(repository().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("[profile.dist]"));
    let place = |beginning: &str| lines.iter().position(|line| line.starts_with(beginning)).unwrap();
    assert!(
        place("RUN cargo build --profile dist --locked")
            < place("COPY --from=build /source/target/dist/countersign")
    );
    assert!(place("USER 65532:65532") < place("ENTRYPOINT [\"/usr/local/bin/countersign\"]"));
    assert_eq!(lines.iter().filter(|line| line.starts_with("USER")).count(), 1);
}
