"""From what a client asked to a document that may run: found by its id or its text, parsed and validated once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from transport.asking import Asked
from transport.cost import costs_of
from transport.lifetimes import lifetimes_of
from transport.limits import ERRORS_MAX, Limits, check_document, check_text, over_limit
from transport.persisted import PersistedDocuments, not_found
from transport.policy import Policy
from transport.preparing import ID_PREFIX, Prepared, PreparedDocuments, id_of

RULES: Final[tuple[type[ASTValidationRule], ...]] = (
    *specified_rules,
    MaybeNullValidationRule,
    OneOfInputValidationRule,
)
TOO_MANY_TOKENS: Final = "contains more than"
# A parsed document takes about a hundred times the memory of its text: 50 MB for a thousand usual ones.
PERSISTED_LENGTH_MAX: Final = 512 * 1024
NO_INTROSPECTION: Final = "INTROSPECTION_DISABLED"


class Faulty(Exception):
    """A document with one or more faults."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(errors)
        self.errors = errors


class Documents:
    """The documents of one schema, and who may run which."""

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        policy: Policy,
        persisted: PersistedDocuments,
        suggests_names: bool,
        limits: Limits,
        rules: Sequence[type[ASTValidationRule]] = RULES,
    ) -> None:
        self.prepared = PreparedDocuments()
        # Apart from what anybody may send: strangers' texts would push out what known programs run all day.
        self._named_before = PreparedDocuments(texts_length_max=PERSISTED_LENGTH_MAX)
        self._schema, self._policy, self._persisted = schema, policy, persisted
        self._suggests_names, self._limits, self._rules = suggests_names, limits, tuple(rules)

    def trust(self, texts: Iterable[str]) -> list[DocumentNode]:
        """Keep documents for good, found by their ids as well.

        Raises:
            Faulty: one of them is not valid for this schema.
        """
        trusted = [self.prepare(text) for text in texts]
        for prepared in trusted:
            self.prepared.trust(prepared)
        return [prepared.document for prepared in trusted]

    def found(self, asked: Asked, context: Any) -> Prepared | None:
        """The document of a text that came before, for who may send texts: what most requests need."""
        if asked.document_id is not None or not self._persisted.takes_text(context):
            return None
        prepared = self.prepared.find(asked.text)
        return None if prepared is None or prepared.introspects else prepared

    async def of(self, asked: Asked, context: Any) -> Prepared:
        """The document that is meant, if this caller may run it.

        Raises:
            Faulty: its text is not valid.
            GraphQLError: there is none of this id, or this caller may not run it.
        """
        takes_text = self._persisted.takes_text(context)
        if asked.document_id is None:
            if takes_text:
                return self._permitted(self._of_text(asked.text), context)
            asked = replace(asked, document_id=id_of(asked.text))
        prepared = self._named(asked, context, takes_text=takes_text) or await self._fetched(asked, context)
        if prepared is None:
            raise not_found(is_automatic=asked.is_automatic and takes_text)
        assert asked.document_id is not None, "it was given, or the text's"
        self._persisted.ran(asked.document_id, context)
        return self._permitted(prepared, context)

    def _named(self, asked: Asked, context: Any, *, takes_text: bool) -> Prepared | None:
        """The document of the id, as far as this process knows."""
        document_id = asked.document_id
        assert document_id is not None, "it was given, or the text's"
        if asked.text and document_id.startswith(ID_PREFIX) and id_of(asked.text) != document_id:
            raise GraphQLError("provided sha does not match query", extensions={"code": "BAD_REQUEST"})
        text = self._persisted.find(document_id, context)
        if text is not None:
            return self._persistent(text)
        if self._persisted.takes_trusted(context):
            trusted = self.prepared.find_trusted(document_id)
            if trusted is not None:
                return trusted
        if not takes_text:
            return None
        if asked.text and document_id.startswith(ID_PREFIX):
            return self._of_text(asked.text, document_id if self._persisted.registers(context) else None)
        return self.prepared.find_registered(document_id)

    async def _fetched(self, asked: Asked, context: Any) -> Prepared | None:
        assert asked.document_id is not None, "it was given, or the text's"
        text = await self._persisted.fetch(asked.document_id, context)
        return None if text is None else self._persistent(text)

    def _persistent(self, text: str) -> Prepared:
        """A document that will come again, so compiling it is worth while at once."""
        prepared = self._named_before.find(text)
        if prepared is None:
            prepared = self.prepared.find(text) or self.prepare(text)
            prepared.is_known = True
            self._named_before.keep(prepared)
        return prepared

    def _of_text(self, text: str, document_id: str | None = None) -> Prepared:
        prepared = self.prepared.find(text)
        if prepared is None:
            prepared = self.prepare(text)
            self.prepared.keep(prepared)
        if document_id is not None:
            self.prepared.register(document_id, prepared)
        return prepared

    def _permitted(self, prepared: Prepared, context: Any) -> Prepared:
        if prepared.introspects and not self._policy.may_introspect(context):
            raise GraphQLError("Introspection is off.", extensions={"code": NO_INTROSPECTION})
        return prepared

    def prepare(self, text: str) -> Prepared:
        """A document as it would run, kept nowhere.

        Raises:
            Faulty: it is not valid for this schema.
            GraphQLError: no document, or one beyond a limit.
        """
        check_text(text, self._limits)
        try:
            document = self._parsed(text)
            check_document(document, self._limits)
            errors = validate(
                self._schema,
                document,
                self._rules,
                max_errors=ERRORS_MAX,
                hide_suggestions=not self._suggests_names,
            )
            if errors:
                raise Faulty(errors)
            costs = costs_of(self._schema, document, page_items=self._limits.page_items)
            return Prepared(text, document, costs, lifetimes_of(self._schema, document))
        except RecursionError:
            raise GraphQLError("The document is nested too deeply.") from None

    def _parsed(self, text: str) -> DocumentNode:
        try:
            return parse(text, max_tokens=self._limits.tokens)
        except GraphQLSyntaxError as error:
            if TOO_MANY_TOKENS in error.message:
                raise over_limit("tokens", "tokens", actual=None, most=self._limits.tokens) from None
            raise
