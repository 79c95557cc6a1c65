package io.pinion.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;

/** A module definition in version 9 of its JSON, as far as people ask about it. */
final class ModuleSchema {
    private final JsonNode schema;

    ModuleSchema(JsonNode schema) {
        this.schema = schema;
    }

    /** The parameters of a reducer or procedure, as {@code elements}; missing if there is no such function. */
    JsonNode parameters(String function) {
        for (JsonNode reducer : schema.path("reducers")) {
            if (reducer.path("name").asText().equals(function)) {
                return reducer.path("params").path("elements");
            }
        }
        for (JsonNode export : schema.path("misc_exports")) {
            if (export.path("Procedure").path("name").asText().equals(function)) {
                return export.path("Procedure").path("params").path("elements");
            }
        }
        return MissingNode.getInstance();
    }

    /** One line for each table, reducer, view and procedure. */
    List<String> describe() {
        List<String> lines = new ArrayList<>();
        for (JsonNode table : schema.path("tables")) {
            JsonNode row = schema.path("typespace")
                    .path("types")
                    .path(table.path("product_type_ref").asInt());
            boolean isPrivate = table.path("table_access").has("Private");
            lines.add("table     " + table.path("name").asText() + "("
                    + elements(row.path("Product").path("elements")) + ")" + (isPrivate ? "  private" : ""));
        }
        for (JsonNode reducer : schema.path("reducers")) {
            String lifecycle = option(reducer.path("lifecycle"));
            lines.add("reducer   " + function(reducer) + (lifecycle.isEmpty() ? "" : "  " + lifecycle));
        }
        for (JsonNode export : schema.path("misc_exports")) {
            if (export.has("View")) {
                JsonNode view = export.path("View");
                lines.add("view      " + function(view) + " -> " + type(view.path("return_type")));
            } else if (export.has("Procedure")) {
                JsonNode procedure = export.path("Procedure");
                lines.add("procedure " + function(procedure) + " -> " + type(procedure.path("return_type")));
            }
        }
        return lines;
    }

    private String function(JsonNode function) {
        return function.path("name").asText() + "("
                + elements(function.path("params").path("elements")) + ")";
    }

    private static String option(JsonNode option) {
        JsonNode some = option.path("some");
        return some.fieldNames().hasNext() ? some.fieldNames().next() : "";
    }

    private String elements(JsonNode elements) {
        List<String> texts = new ArrayList<>();
        for (JsonNode element : elements) {
            texts.add(element.path("name").path("some").asText("?") + ": " + type(element.path("algebraic_type")));
        }
        return String.join(", ", texts);
    }

    private String type(JsonNode type) {
        String kind = type.fieldNames().hasNext() ? type.fieldNames().next() : "?";
        return switch (kind) {
            case "Ref" -> named(type.path(kind).asInt());
            case "Array" -> type(type.path(kind)) + "[]";
            case "Product" -> product(type.path(kind).path("elements"));
            case "Sum" -> sum(type.path(kind).path("variants"));
            default -> kind;
        };
    }

    private String named(int ref) {
        for (JsonNode type : schema.path("types")) {
            if (type.path("ty").asInt(-1) == ref) {
                return type.path("name").path("name").asText("?");
            }
        }
        return "&" + ref;
    }

    private String product(JsonNode elements) {
        if (elements.size() == 1) {
            switch (elements.get(0).path("name").path("some").asText()) {
                case "__identity__" -> {
                    return "Identity";
                }
                case "__connection_id__" -> {
                    return "ConnectionId";
                }
                case "__timestamp_micros_since_unix_epoch__" -> {
                    return "Timestamp";
                }
                case "__time_duration_micros__" -> {
                    return "TimeDuration";
                }
                case "__uuid__" -> {
                    return "Uuid";
                }
                default -> {}
            }
        }
        return "{" + elements(elements) + "}";
    }

    private String sum(JsonNode variants) {
        if (variants.size() == 2
                && variants.get(0).path("name").path("some").asText().equals("some")) {
            return type(variants.get(0).path("algebraic_type")) + "?";
        }
        List<String> names = new ArrayList<>();
        variants.forEach(variant -> names.add(variant.path("name").path("some").asText("?")));
        return String.join(" | ", names);
    }
}
