// What graphql-eslint asks of the schema and of the documents of our apps.
import graphql from "@graphql-eslint/eslint-plugin";

const DATED = /removal on or after \d{4}-\d{2}-\d{2}/;

const sokoni = {
  rules: {
    // A deprecation says what to use instead and from which day on the thing may be gone.
    "dated-deprecation": {
      meta: { type: "problem", schema: [] },
      create: (context) => ({
        'Directive[name.value="deprecated"]'(node) {
          const reason = node.arguments.find(({ name }) => name.value === "reason")?.value.value ?? "";
          if (!DATED.test(reason))
            context.report({ node, message: 'A deprecation says "removal on or after YYYY-MM-DD".' });
        },
      }),
    },
  },
};

const config = { schema: "./schema.graphql", documents: "./documents/*.graphql" };
const languageOptions = { parser: graphql.parser, parserOptions: { graphQLConfig: config } };
const plugins = { graphql, sokoni };
const asErrors = (...rules) => Object.fromEntries(rules.map((rule) => [`graphql/${rule}`, "error"]));

export default [
  {
    files: ["schema.graphql"],
    languageOptions,
    plugins,
    rules: {
      ...asErrors(
        "known-argument-names",
        "known-directives",
        "known-type-names",
        "lone-schema-definition",
        "no-hashtag-description",
        "no-scalar-result-type-on-mutation",
        "no-unreachable-types",
        "provided-required-arguments",
        "relay-connection-types",
        "relay-page-info",
        "require-deprecation-reason",
        "unique-directive-names",
        "unique-enum-value-names",
        "unique-field-definition-names",
        "unique-operation-types",
        "unique-type-names",
      ),
      "graphql/input-name": ["error", { checkInputType: true, caseSensitiveInputType: false }],
      "graphql/relay-arguments": ["error", { includeBoth: false }],
      // Only Relay's own names are fixed; a node need not be an object with an id (a line of the audit trail has none).
      "graphql/relay-edge-types": [
        "error",
        { withEdgeSuffix: true, shouldImplementNode: false, listTypeCanWrapOnlyEdgeType: false },
      ],
      "graphql/naming-convention": [
        "error",
        {
          allowLeadingUnderscore: false,
          types: "PascalCase",
          FieldDefinition: { style: "camelCase", forbiddenPrefixes: ["get", "fetch"] },
          InputValueDefinition: "camelCase",
          Argument: "camelCase",
          DirectiveDefinition: "camelCase",
          EnumValueDefinition: "UPPER_CASE",
          InterfaceTypeDefinition: { style: "PascalCase", forbiddenSuffixes: ["Interface"] },
          InputObjectTypeDefinition: { style: "PascalCase", requiredSuffixes: ["Input"] },
        },
      ],
      "graphql/require-description": [
        "error",
        {
          types: true,
          DirectiveDefinition: true,
          EnumValueDefinition: true,
          FieldDefinition: true,
          InputValueDefinition: true,
        },
      ],
      "sokoni/dated-deprecation": "error",
    },
  },
  {
    files: ["documents/*.graphql"],
    languageOptions,
    plugins,
    rules: {
      ...asErrors(
        "executable-definitions",
        "fields-on-correct-type",
        "fragments-on-composite-type",
        "known-argument-names",
        "known-fragment-names",
        "no-anonymous-operations",
        "no-deprecated",
        "no-duplicate-fields",
        "no-undefined-variables",
        "no-unused-fragments",
        "no-unused-variables",
        "one-field-subscriptions",
        "overlapping-fields-can-be-merged",
        "possible-fragment-spread",
        "provided-required-arguments",
        "scalar-leafs",
        "unique-fragment-name",
        "unique-operation-name",
        "value-literals-of-correct-type",
        "variables-are-input-types",
        "variables-in-allowed-position",
      ),
      "graphql/naming-convention": [
        "error",
        { OperationDefinition: "PascalCase", FragmentDefinition: "PascalCase", VariableDefinition: "camelCase" },
      ],
      "graphql/selection-set-depth": ["error", { maxDepth: 8 }],
    },
  },
];
