"""Documents written by hand: one for each thing that a plan could get wrong."""

from __future__ import annotations

import graphql
from graphql import MiddlewareManager

from tests.execution.comparing import Case


def _seen(resolve: object, source: object, info: graphql.GraphQLResolveInfo[object], **given: object) -> object:
    assert callable(resolve)
    return resolve(source, info, **given)


CORPUS: dict[str, Case] = {
    "aliases": Case(source="{ a: name b: name name }"),
    "merged leaves": Case(source="{ name name id name }"),
    "merged objects": Case(source="{ book { id } book { name id } ... { book { weight } } }"),
    "merged by fragments": Case(
        source="{ ...A ...B } fragment A on Query { book { id } } fragment B on Query { book { name } }"
    ),
    "a fragment used twice": Case(source="{ book { ...A } person { ...A } } fragment A on Node { id name }"),
    "nested fragments": Case(
        source="{ ...A } fragment A on Query { ...B id } fragment B on Query { name ...C } fragment C on Query { open }"
    ),
    "an unknown fragment": Case(source="{ id ...Nobody name }"),
    "a fragment on an unknown type": Case(source="{ id ... on Nobody { id } name }"),
    "a fragment on a type that cannot be": Case(source="{ id ... on Crate { id } name }"),
    "an unknown field": Case(source="{ id nobody name }"),
    "a keyword as a field": Case(source="{ class book { class } people { class } }", seed=4),
    "type names": Case(
        source="{ __typename kind: __typename book { __typename } things { __typename } tree { __typename } }"
    ),
    "an interface": Case(
        source="{ node { id name ... on Book { class } ... on Named { size } ... on Crate { open } } }"
    ),
    "a union": Case(
        source="{ things { __typename ... on Book { id } ... on Node { name } ... on Crate { crate { id } } } }"
    ),
    "an interface that names wrong types": Case(
        source="{ named { id } thing { __typename } things { __typename } }", faulty=70
    ),
    "types that are named late": Case(
        source="{ named { id } thing { __typename ... on Crate { id } } things { __typename } }", late=90
    ),
    "types that deny": Case(source="{ person { id } strictPerson { name } people { id } crates { id } }", faulty=45),
    "types that deny late": Case(
        source="{ person { id } people { id } crates { id } tree { id } }", late=60, faulty=30
    ),
    "lists of lists": Case(source="{ grid strictGrid rows { id } tree { id name } }"),
    "lists of lists with faults": Case(source="{ grid strictGrid rows { id size } tree { id name } }", faulty=30),
    "lists that are late": Case(source="{ grid rows { id size } tree { id } words books { id } }", late=50, faulty=10),
    "null at the root": Case(source="{ id name size strictGrid colours }", faulty=60),
    "null at the root, late": Case(
        source="{ id name size strictGrid colours strictPerson { id } }", late=50, faulty=40
    ),
    "enums and scalars": Case(source="{ colour odd colours odds weight open size id name words }"),
    "enums and scalars of wrong values": Case(
        source="{ colour odd odds weight open name words people { colour odd weight } }", faulty=60
    ),
    "serial mutations": Case(source="mutation { name size a: name books { id } b: words c: person { name } }", late=60),
    "serial mutations with faults": Case(
        source="mutation { name a: name books { id } words person { name } size }", late=50, faulty=30
    ),
    "parallel queries": Case(source="{ name size a: name books { id } b: words c: person { name } }", late=90),
    "skip": Case(source="query ($a: Boolean!) { id @skip(if: $a) name @include(if: $a) }", variables={"a": True}),
    "skip and include": Case(
        source="{ id @skip(if: false) @include(if: true) name @skip(if: true) @include(if: true) }"
    ),
    "skip a fragment": Case(
        source="query ($a: Boolean! = true) { ...A @skip(if: $a) ... @include(if: $a) { name } }"
        " fragment A on Query { id }"
    ),
    "skip by null": Case(source="query ($a: Boolean = true) { id name @skip(if: $a) }", variables={"a": None}),
    "skip by nothing": Case(source="query ($a: Boolean) { id book { name @skip(if: $a) id } }"),
    "skip by an unknown variable": Case(source="{ id book { name @skip(if: $nobody) id } }"),
    "skip without a condition": Case(source="{ id book { name @skip id } }"),
    "skip everything": Case(source="{ id @skip(if: true) }"),
    "skip everything of an object": Case(source="{ book { id @skip(if: true) } }"),
    "default arguments": Case(source='{ echo(number: 1) strictEcho(filter: {name: "n"}) }'),
    "constant arguments": Case(
        source='{ echo(number: 1, text: "t", ratio: 2, flag: false, key: 5, colour: RED, odd: 3, grid: [[1], 2]) }'
    ),
    "input objects": Case(
        source='{ strictEcho(filter: {name: "n", inner: {name: "m", sizes: 5, colour: RED}, ratio: 1}, colours: BLUE) }'
    ),
    "invalid arguments": Case(
        source='{ a: echo(number: "1") b: echo c: echo(number: 1, odd: 2) d: echo(number: 1, colour: PINK) id }'
    ),
    "invalid input objects": Case(
        source="{ a: echo(number: 1, filter: {}) b: echo(number: 1, filter: {name: 1, more: 2}) id }"
    ),
    "an argument that is not declared": Case(source='{ echo(number: 1, more: "x") name(more: 3) }'),
    "variables": Case(
        source='query ($n: Int!, $t: String = "d", $f: Filter, $c: [Colour!]! = [RED]) {'
        " echo(number: $n, text: $t, filter: $f) strictEcho(filter: $f, colours: $c) }",
        variables={"n": 4, "f": {"name": "x", "sizes": 1}},
    ),
    "variables within arguments": Case(
        source="query ($n: Int, $t: String!) { echo(number: 1, grid: [[$n], [$n, 2]], filter: {name: $t, ratio: $n}) }",
        variables={"t": "x"},
    ),
    "variables that are null": Case(
        source="query ($n: Int = 3, $t: String) { a: echo(number: $n) b: echo(number: 1, text: $t) }",
        variables={"n": None, "t": None},
    ),
    "variables that are missing": Case(source="query ($n: Int!, $f: Filter!) { echo(number: $n, filter: $f) }"),
    "variables that are wrong": Case(
        source="query ($n: Int!, $f: Filter!) { echo(number: $n, filter: $f) }", variables={"n": "x", "f": {"nme": 1}}
    ),
    "variables of no input type": Case(source="query ($n: Book) { id }"),
    "one of several operations": Case(source="query A { id } query B { name }", options={"operation_name": "B"}),
    "none of several operations": Case(source="query A { id } query B { name }"),
    "an unknown operation": Case(source="query A { id }", options={"operation_name": "C"}),
    "no operation": Case(source="fragment A on Query { id }"),
    "a subscription that is executed": Case(source="subscription { id name }"),
    "introspection": Case(source='{ __schema { queryType { name } } __type(name: "Book") { name } id }'),
    "errors that do not propagate": Case(
        source="query @experimental_disableErrorPropagation { size books { id } }", faulty=60
    ),
    "middleware": Case(source="{ id name book { name } }", options={"middleware": MiddlewareManager(_seen)}),
    "a field resolver": Case(source="{ id book { id } }", options={"field_resolver": lambda _source, _info, **_: 7}),
    "a type resolver": Case(source="{ node { id } tree { id } }", options={"type_resolver": lambda *_: "Book"}),
    "a limit of coercion errors": Case(
        source="query ($a: [Int!]) { id }", variables={"a": ["x", "y", "z"]}, options={"max_coercion_errors": 1}
    ),
}
