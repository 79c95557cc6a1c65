package io.pinion.node.bindings;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Names as clients write them: {@code item_id} is {@code itemId}. The rule is the one by which the client library names
 * reducers, so that all names look alike. Where two names would become one, the later keeps its own. Used for one set of
 * names.
 */
final class Accessors {
    private static final Set<String> RESERVED_WORDS = Set.of(
            "arguments",
            "await",
            "break",
            "case",
            "catch",
            "class",
            "const",
            "continue",
            "debugger",
            "default",
            "delete",
            "do",
            "else",
            "enum",
            "eval",
            "export",
            "extends",
            "false",
            "finally",
            "for",
            "function",
            "if",
            "implements",
            "import",
            "in",
            "instanceof",
            "interface",
            "let",
            "new",
            "null",
            "package",
            "private",
            "protected",
            "public",
            "return",
            "static",
            "super",
            "switch",
            "this",
            "throw",
            "true",
            "try",
            "typeof",
            "undefined",
            "var",
            "void",
            "while",
            "with",
            "yield",
            "any",
            "bigint",
            "boolean",
            "never",
            "number",
            "object",
            "string",
            "symbol",
            "unknown");

    private final Map<String, String> nameByAccessor = new HashMap<>();

    /** The accessor of a name that was not asked for before. */
    String of(String name) {
        String accessor = camel(name);
        return take(nameByAccessor.containsKey(accessor) ? name : accessor, name);
    }

    /** A name that clients have to use as it is. */
    String ofUnchanged(String name) {
        return take(name, name);
    }

    private String take(String accessor, String name) {
        String other = nameByAccessor.putIfAbsent(accessor, name);
        if (other != null) {
            throw new BindingsException(
                    "`" + other + "` and `" + name + "` would both be `" + accessor + "` for clients");
        }
        return accessor;
    }

    /** What the client library makes of the name of a function, which knows no dots. */
    static String ofLibrary(String name) {
        return name.contains(".") ? name : camel(name);
    }

    /** The words of a name, which are between underscores, hyphens and dots, each but the first with a capital. */
    static String camel(String name) {
        String pascal = pascal(name);
        return pascal.isEmpty() ? name : Character.toLowerCase(pascal.charAt(0)) + pascal.substring(1);
    }

    static String pascal(String name) {
        StringBuilder text = new StringBuilder();
        for (String word : name.split("[_.-]", -1)) {
            if (!word.isEmpty()) {
                text.append(Character.toUpperCase(word.charAt(0))).append(word, 1, word.length());
            }
        }
        return text.toString();
    }

    /** Whether a text can be the name of a type. */
    static boolean isTypeName(String text) {
        return !text.isEmpty()
                && Character.isJavaIdentifierStart(text.codePointAt(0))
                && text.codePoints().allMatch(Character::isJavaIdentifierPart)
                && !RESERVED_WORDS.contains(text);
    }
}
