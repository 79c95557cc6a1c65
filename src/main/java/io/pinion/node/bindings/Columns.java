package io.pinion.node.bindings;

import com.fasterxml.jackson.databind.JsonNode;
import io.pinion.node.bindings.Definition.Index;
import io.pinion.node.bindings.Definition.Member;
import io.pinion.node.bindings.Definition.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The columns of a table with what clients have to know of each. */
final class Columns {
    /** What the client library can find rows by. */
    private static final Set<String> KEYS = Set.of(
            "Bool", "I8", "U8", "I16", "U16", "I32", "U32", "I64", "U64", "I128", "U128", "I256", "U256", "String");

    private final Table table;
    private final List<String> keys;
    private final List<String> lines = new ArrayList<>();
    private final Accessors indexAccessors = new Accessors();

    Columns(Table table, TypeTexts types) {
        this.table = table;
        this.keys = MemberKeys.of(table.columns());
        for (int i = 0; i < table.columns().size(); i++) {
            Member column = table.columns().get(i);
            JsonNode type = column.type().scope().resolve(column.type().type());
            String key = keys.get(i);
            String constraint = constraint(i, type);
            if (!constraint.isEmpty()) {
                indexAccessors.ofUnchanged(key);
            }
            lines.add(SourceText.key(key) + ": " + types.expression(column.type()) + constraint
                    + (key.equals(column.name()) ? "" : ".name(" + SourceText.literal(column.name()) + ")") + ",");
        }
    }

    /** Its entry in the row. */
    List<String> lines() {
        return lines;
    }

    String key(int column) {
        return keys.get(column);
    }

    /** Taken are those that columns have for being unique. */
    Accessors indexAccessors() {
        return indexAccessors;
    }

    /** Whether an index is what clients have with its one column, which is unique. */
    boolean isIndexOfColumn(Index index) {
        if (index.columns().size() != 1) {
            return false;
        }
        int column = index.columns().getFirst();
        Member member = table.columns().get(column);
        JsonNode type = member.type().scope().resolve(member.type().type());
        return !constraint(column, type).isEmpty()
                && Accessors.camel(index.accessor()).equals(Accessors.camel(member.name()));
    }

    private String constraint(int column, JsonNode type) {
        boolean isKey = SpecialShapes.wrapper(type).isPresent()
                || KEYS.contains(type.fieldNames().next());
        boolean isEnum = SpecialShapes.isEnum(type) && MemberKeys.canBeNamed(type);
        if (column == table.primaryKey() && (isKey || isEnum)) {
            return ".primaryKey()";
        }
        return table.uniqueColumns().contains(column) && isKey ? ".unique()" : "";
    }
}
