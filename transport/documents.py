"""From what a client asked to a document that may run: found by its id or its text, parsed and validated once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from graphql import ASTValidationRule, DocumentNode, GraphQLError, GraphQLSchema, parse, specified_rules, validate
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from transport.asking import Asked
from transport.limits import TOKENS_MAX, BoundedOperations
from transport.persisted import PersistedDocuments, not_found
from transport.policy import Policy
from transport.preparing import ID_PREFIX, Prepared, PreparedDocuments, id_of

RULES: Final[tuple[type[ASTValidationRule], ...]] = (
    BoundedOperations,
    *specified_rules,
    MaybeNullValidationRule,
    OneOfInputValidationRule,
)
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
        rules: Sequence[type[ASTValidationRule]] = RULES,
    ) -> None:
        self.prepared = PreparedDocuments()
        self._schema, self._policy, self._persisted = schema, policy, persisted
        self._suggests_names, self._rules = suggests_names, tuple(rules)

    def trust(self, texts: Iterable[str]) -> list[DocumentNode]:
        """Keep documents for good, found by their ids as well.

        Raises:
            Faulty: one of them is not valid for this schema.
        """
        trusted = [self._prepare(text) for text in texts]
        for prepared in trusted:
            self.prepared.trust(prepared)
        return [prepared.document for prepared in trusted]

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
        prepared = self._of_text(text)
        prepared.is_known = True
        return prepared

    def _of_text(self, text: str, document_id: str | None = None) -> Prepared:
        prepared = self.prepared.find(text)
        if prepared is None:
            prepared = self._prepare(text)
            self.prepared.keep(prepared)
        if document_id is not None:
            self.prepared.register(document_id, prepared)
        return prepared

    def _permitted(self, prepared: Prepared, context: Any) -> Prepared:
        if prepared.introspects and not self._policy.may_introspect(context):
            raise GraphQLError("Introspection is off.", extensions={"code": NO_INTROSPECTION})
        return prepared

    def _prepare(self, text: str) -> Prepared:
        document = parse(text, max_tokens=TOKENS_MAX)
        errors = validate(self._schema, document, self._rules, hide_suggestions=not self._suggests_names)
        if errors:
            raise Faulty(errors)
        return Prepared(text, document)
