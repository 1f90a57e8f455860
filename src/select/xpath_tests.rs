//! What a path finds in XML as banks send it, and what is refused.

use super::*;

const PAIN: &str = r#"<?xml version="1.0"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10" xmlns:x="urn:x">
  <Rpt><Sts>RCVD</Sts><Amt Ccy="EUR">10.00</Amt></Rpt>
  <Rpt kind="late"><Sts>ACSC</Sts><Amt Ccy="USD">2<x:Cents>.50</x:Cents></Amt><Sts>last</Sts></Rpt>
</Document>"#;

fn found(path: &str) -> Vec<String> {
    XPath::parse(path).unwrap().find(PAIN).unwrap()
}

#[test]
fn paths_find_what_xpath_would_whatever_the_namespace() {
    for (path, texts) in [
        ("/Document/Rpt/Sts", vec!["RCVD", "ACSC", "last"]),
        ("//Sts[1]", vec!["RCVD", "ACSC"]),
        ("//Rpt[2]/Sts[2]", vec!["last"]),
        ("//Rpt[@kind]/Sts[1]", vec!["ACSC"]),
        ("//Amt/@Ccy", vec!["EUR", "USD"]),
        ("//Amt[@Ccy='USD']", vec!["2.50"]),
        ("//Amt[@Ccy='USD']/text()", vec!["2"]),
        ("//Rpt[Sts='RCVD']/Amt", vec!["10.00"]),
        ("/Document/*/Amt/x:Cents", vec![".50"]),
        ("//x:Sts", vec![]),
        ("//nowhere:Sts", vec![]),
        ("/Document//@Ccy", vec!["EUR", "USD"]),
        ("//@Ccy", vec!["EUR", "USD"]),
        ("/Document/Rpt[1]//text()", vec!["RCVD", "10.00"]),
        ("//Rpt//Amt//text()", vec!["10.00", "2", ".50"]),
        ("//Rpt/@x:kind", vec![]),
        ("/Rpt", vec![]),
    ] {
        assert_eq!(found(path), texts, "{path}");
    }
}

#[test]
fn what_is_not_supported_is_refused_at_its_place_and_never_finds_nothing_instead() {
    for (path, message, at) in [
        ("Document", "a path begins with `/` or `//`", 0),
        ("/", "the name of an element is missing", 1),
        ("//a[", "the name of an element is missing", 4),
        ("//a[0]", "positions count from 1", 5),
        ("//a[@b=c]", "a value stands in quotes", 8),
        ("//a[@b='c]", "the quote is not closed", 10),
        ("//count(a)", "the function `count()` is not supported", 7),
        ("//ancestor::a", "the axis `ancestor::` is not supported", 10),
        ("//a | //b", "the path can't be read from here on", 3),
    ] {
        let error = XPath::parse(path).unwrap_err();
        assert_eq!((error.message.as_str(), error.at), (message, at), "{path}");
    }
}

#[test]
fn an_attribute_with_a_prefix_is_that_of_its_namespace() {
    let document = r#"<a xmlns:x="urn:x" id="1" x:id="2"/>"#;
    let found = |path: &str| XPath::parse(path).unwrap().find(document).unwrap();
    assert_eq!(found("/a/@x:id"), ["2"]);
    assert_eq!(found("/a/@id"), ["1", "2"]);
}

#[test]
fn a_chain_of_elements_is_refused_before_it_fills_the_memory() {
    let document = format!("{}x{}", "<a>".repeat(200_000), "</a>".repeat(200_000));
    let refused = XPath::parse("//a//a").unwrap().find(&document).unwrap_err();
    assert!(refused.contains("more than 128 deep"), "{refused}");
    let attributes = (0..100_000).map(|number| format!(" a{number}=''")).collect::<Vec<_>>().concat();
    let refused = XPath::parse("//a").unwrap().find(&format!("<a{attributes}/>")).unwrap_err();
    assert!(refused.contains("more than 256 attributes"), "{refused}");
    let quoted = "<a b='x > y'><!-- <a> --><![CDATA[<a>]]>1</a>";
    assert_eq!(XPath::parse("/a").unwrap().find(quoted).unwrap(), ["<a>1"]);
}

#[test]
fn a_document_that_defines_entities_is_refused() {
    let bomb = "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>";
    assert!(XPath::parse("/a").unwrap().find(bomb).is_err());
}
