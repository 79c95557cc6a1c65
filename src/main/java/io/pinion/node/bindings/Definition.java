package io.pinion.node.bindings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What clients use of a module. Names are those in the database; what belongs to a submodule has its namespaces before it,
 * with dots. The order is always the same for the same module.
 */
record Definition(List<Table> tables, List<Function> reducers, List<Function> procedures) {
    /** A type with the typespace that its references point into. */
    record TypeUse(JsonNode type, TypeScope scope) {}

    /** A column, field, variant or parameter. */
    record Member(String name, TypeUse type) {}

    /** @param columns positions */
    record Index(String accessor, String algorithm, List<Integer> columns) {}

    /**
     * A table, or a view, which has no indexes.
     *
     * @param primaryKey position of a column, or -1
     * @param uniqueColumns each unique by itself
     */
    record Table(
            String name,
            List<Member> columns,
            int primaryKey,
            Set<Integer> uniqueColumns,
            List<Index> indexes,
            boolean isEvent) {}

    /** @param result of no use for reducers */
    record Function(String name, List<Member> parameters, TypeUse result) {}

    /** Elements of a product or variants of a sum. */
    static List<Member> members(JsonNode elements, TypeScope scope) {
        List<Member> members = new ArrayList<>();
        for (JsonNode element : elements) {
            String name = element.path("name").path("some").asText("_" + members.size());
            members.add(new Member(name, new TypeUse(element.path("algebraic_type"), scope)));
        }
        return members;
    }
}
