"""A document becomes a plan once; a plan answers as often as it is asked, and compiles what it meets on the way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from types import CodeType, CoroutineType
from typing import Any, Final

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLObjectType,
    OperationType,
    Undefined,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
)
from graphql.execution.collect_fields import FieldDetailsList
from graphql.execution.values import VariableValues

from execution.cache import Recent
from execution.collect import GroupedFields, Request, root_fields, sub_fields
from execution.edges import Noted
from execution.emit import Emitter
from execution.running import Run
from execution.runtime_types import abstract, asked
from execution.steps import FieldStep, Inner, Plain, Step, leaf
from execution.variables import Variables

# Each combination of the variables of @skip and @include is compiled by itself; who sends more is served uncompiled.
COMBINATIONS_MAX: Final = 16
# Fragments within fragments multiply: what is beyond this is compiled when data first reaches it.
FIELDS_AHEAD_MAX: Final = 1_000

Answering = Callable[[Run], Any]


@dataclass(frozen=True, slots=True)
class Compiled:
    """An operation for one combination of its conditions; `first` is its first root field, if the schema has it."""

    answering: Answering
    first: FieldStep | None


class Plan:
    """One operation, compiled for every combination of its conditions that was asked for."""

    def __init__(self, request: Request, codes: Recent[CodeType]) -> None:
        self.request = request
        self.variables = Variables(request)
        self._codes = codes
        self._compiled: dict[tuple[object, ...], Compiled | None] = {}

    def compiled(self, variables: VariableValues) -> Compiled | None:
        """The compiled operation; None when these variables are not served by a compiled one."""
        key = tuple(variables.coerced.get(name, Undefined) for name in self.request.conditions)
        if any(type(value) is not bool for value in key):
            return None
        if key not in self._compiled:
            if len(self._compiled) >= COMBINATIONS_MAX:
                return None
            self._compiled[key] = self._compile(variables)
        return self._compiled[key]

    def compile_ahead(self) -> None:
        """Compile it for every combination of its conditions, where they are few enough to be kept."""
        names = self.request.conditions
        if 2 ** len(names) <= COMBINATIONS_MAX:
            for values in product((False, True), repeat=len(names)):
                self.compiled(VariableValues({}, dict(zip(names, values, strict=True))))

    @property
    def combinations(self) -> int:
        """How many combinations of conditions were compiled."""
        return len(self._compiled)

    def _compile(self, variables: VariableValues) -> Compiled | None:
        names = self.request.conditions
        # The plan outlives the request: of its variables it may keep the conditions only.
        kept = VariableValues(
            {name: variables.sources[name] for name in names if name in variables.sources},
            {n: variables.coerced[n] for n in names},
        )
        try:
            return _Compiler(self.request, kept, Emitter(self._codes)).operation()
        except (GraphQLError, RecursionError):  # a fault of the document, which graphql-core words and places
            return None


def answer(answering: Answering, run: Run) -> ExecutionResult | Awaitable[ExecutionResult]:
    """Run it: at once when nothing has to be waited for, else as a coroutine."""
    try:
        found = answering(run)
    except GraphQLError as error:
        run.note(error, None)
        return run.result(None)
    return _awaited(found, run) if run.edges or type(found) is CoroutineType else run.result(found)


async def _awaited(found: Any, run: Run) -> ExecutionResult:
    try:
        return run.result(await run.settled(found, many=False))
    except GraphQLError as error:
        run.note(error, None)
        return run.result(None)


class _Compiler:
    """Makes the functions of one plan from the types of the schema downwards."""

    def __init__(self, request: Request, variables: VariableValues, emitter: Emitter) -> None:
        self._request = request
        self._variables = variables
        self._emitter = emitter
        self._ahead = FIELDS_AHEAD_MAX

    def operation(self) -> Compiled:
        """The whole operation."""
        operation = self._request.operation.operation
        type_ = self._request.schema.get_root_type(operation)
        assert type_ is not None
        grouped = root_fields(self._request, type_, self._variables)
        fields = [self._field(type_, key, details, None) for key, details in grouped.items()]
        first = fields[0] if fields and isinstance(fields[0], FieldStep) else None
        found = [field for field in fields if field is not None]
        if operation is OperationType.MUTATION:
            return Compiled(_serially([self._emitter.object(type_, [field]) for field in found]), first)
        whole = self._emitter.object(type_, found)
        return Compiled(lambda run: whole(run, None, None, run.root), first)

    def _fields(self, step: Step, type_: GraphQLObjectType, grouped: GroupedFields) -> Sequence[FieldStep | str]:
        fields = [self._field(type_, key, details, step) for key, details in grouped.items()]
        return [field for field in fields if field is not None]

    def _field(
        self, type_: GraphQLObjectType, key: str, details: FieldDetailsList, above: Step | None
    ) -> FieldStep | str | None:
        """A field; its response name where it is the name of the type, nothing where there is no such field."""
        name = details[0].node.name.value
        if name == "__typename":
            return key
        field = self._request.schema.get_field(type_, name)
        if field is None:
            return None
        step = FieldStep(self._request, type_, key, field, details, above)
        self._ahead -= 1
        self._complete(step)
        return step

    def _complete(self, step: Step) -> None:
        """Say how the values of a position are completed."""
        type_ = get_nullable_type(step.type)
        if is_list_type(type_):
            step.item = item = Step(type_.of_type, step.details, step.label, step)
            self._complete(item)
            step.inner, step.plain = self._emitter.list(item), self._emitter.plain_list(item)
        elif is_leaf_type(type_):
            step.inner = leaf(type_)
        elif is_abstract_type(type_):
            step.inner = abstract(step, type_, self._request, partial(self._selection, step))
        elif self._ahead > 0:
            assert is_object_type(type_)
            step.inner, step.plain = self._selection(step, type_)
        else:
            assert is_object_type(type_)
            step.inner = self._when_reached(step, type_)

    def _selection(self, step: Step, type_: GraphQLObjectType) -> tuple[Inner, Plain | None]:
        fields = self._fields(step, type_, sub_fields(self._request, type_, self._variables, step.details))
        if get_nullable_type(step.type) is type_:
            step.fields = fields
        careful, plain = self._emitter.object(type_, fields), self._emitter.plain_object(type_, fields)
        return asked(step, type_, careful) if type_.is_type_of else careful, plain

    def _when_reached(self, step: Step, type_: GraphQLObjectType) -> Inner:
        made: list[Inner] = []

        def complete(run: Run, path: Any, info: Any, value: Any) -> Any:
            if not made:
                made.append(self._selection(step, type_)[0])
            return made[0](run, path, info, value)

        return complete


def _serially(fields: Sequence[Inner]) -> Answering:
    """The root fields of a mutation, each when the one before has ended."""

    async def rest(run: Run, answers: dict[str, Any], begun: Any, noted: Noted, done: int) -> dict[str, Any]:
        part, run.edges = begun, noted
        while True:
            answers.update(await run.settled(part, many=False))
            if done == len(fields) or run.is_nulled(None):
                return answers
            part = fields[done](run, None, None, run.root)
            done += 1

    def answering(run: Run) -> Any:
        answers: dict[str, Any] = {}
        for done, field in enumerate(fields, start=1):
            part = field(run, None, None, run.root)
            if run.edges or type(part) is CoroutineType:
                return rest(run, answers, part, run.taken(), done)
            answers.update(part)
        return answers

    return answering
