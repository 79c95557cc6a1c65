package io.pinion.node.bindings;

import com.fasterxml.jackson.databind.JsonNode;
import io.pinion.node.bindings.Definition.Member;
import java.util.ArrayList;
import java.util.List;

/**
 * What clients call columns, fields and parameters: the same rule for all, so that a row is a value of its type. In camel
 * case, unless the client library cannot be told the name in the database beside it.
 */
final class MemberKeys {
    private MemberKeys() {}

    /** One for each, in order. */
    static List<String> of(List<Member> members) {
        Accessors accessors = new Accessors();
        List<String> keys = new ArrayList<>();
        for (Member member : members) {
            JsonNode type = member.type().scope().resolve(member.type().type());
            keys.add(canBeNamed(type) ? accessors.of(member.name()) : accessors.ofUnchanged(member.name()));
        }
        return keys;
    }

    /**
     * Whether a column of the type may have another name for clients. Units and results may not; and the library keeps the
     * variants of an enum where its methods are, so that one may hide them.
     */
    static boolean canBeNamed(JsonNode type) {
        if (SpecialShapes.isUnit(type) || SpecialShapes.isResult(type)) {
            return false;
        }
        for (JsonNode variant : type.path("Sum").path("variants")) {
            String name = variant.path("name").path("some").asText();
            if (SpecialShapes.isEnum(type) && (name.equals("name") || name.equals("primaryKey"))) {
                return false;
            }
        }
        return true;
    }
}
