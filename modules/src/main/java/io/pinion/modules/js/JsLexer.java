package io.pinion.modules.js;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Splits JavaScript text into tokens, as far as finding declarations by their words needs it: strings, templates,
 * comments and regular expressions are told apart from code, and each brace is known for a block, an object or a class
 * body. Grammar beyond that is not checked; text that is no JavaScript gives some tokens and never fails.
 *
 * <p>Whether a slash divides or starts a regular expression, and what a brace opens, is told from the token before and
 * from what encloses it.
 */
final class JsLexer {
    enum Kind {
        WORD,
        NUMBER,
        STRING,
        TEMPLATE,
        REGEX,
        PUNCTUATOR,
        END
    }

    enum Nesting {
        TOP,
        BLOCK,
        OBJECT,
        CLASS,
        PAREN,
        BRACKET,
        TEMPLATE
    }

    /** One open bracket, or the whole text. */
    static final class Level {
        final Nesting nesting;
        /** Where the bracket is. */
        final int start;
        /** The word before a parenthesis or, for a block, before the parenthesis that precedes it: if, for, switch. */
        final String headWord;

        private int ternaries;
        private boolean classAhead;

        Level(Nesting nesting, int start, String headWord) {
            this.nesting = nesting;
            this.start = start;
            this.headWord = headWord;
        }
    }

    private static final Set<String> BEFORE_OPERAND = Set.of(
            "return",
            "typeof",
            "instanceof",
            "in",
            "of",
            "new",
            "delete",
            "void",
            "throw",
            "case",
            "do",
            "else",
            "yield",
            "await",
            "extends",
            "default");
    private static final Set<String> BEFORE_BLOCK = Set.of("else", "do", "try", "finally", "catch", "static");
    private static final Set<String> HEADS = Set.of("if", "while", "for", "with", "switch");

    private final String text;
    private final Deque<Level> levels = new ArrayDeque<>();
    private int position;

    private Kind kind = Kind.PUNCTUATOR;
    private int start;
    private int end;
    private boolean newlineBefore;
    private boolean operandEnded;
    private String previousText = ";";
    private String lastText = ";";
    private String closedHeadWord = "";
    private @Nullable Level closed;

    JsLexer(String text) {
        this.text = text;
        levels.push(new Level(Nesting.TOP, 0, ""));
        if (text.startsWith("#!")) {
            skipLine();
        }
    }

    Kind kind() {
        return kind;
    }

    int start() {
        return start;
    }

    int end() {
        return end;
    }

    boolean newlineBefore() {
        return newlineBefore;
    }

    String text() {
        return lastText;
    }

    /** The level that encloses the next token. */
    Level level() {
        return levels.getFirst();
    }

    /** The level that this token closed, or null. */
    @Nullable
    Level closed() {
        return closed;
    }

    /** Whether the token completes an operand, so that an operator may follow. */
    boolean endsOperand() {
        return operandEnded;
    }

    Kind next() {
        closed = null;
        skipBlanks();
        start = position;
        previousText = lastText;
        if (position >= text.length()) {
            return token(Kind.END, position, false);
        }
        char c = text.charAt(position);
        if (isWordStart(c)) {
            return word();
        }
        if (isDigit(c) || (c == '.' && isDigit(peek(1)))) {
            return token(Kind.NUMBER, endOfNumber(), true);
        }
        return switch (c) {
            case '"', '\'' -> token(Kind.STRING, endOfString(c), true);
            case '`' -> template(position + 1);
            case '/' -> operandEnded ? punctuator() : token(Kind.REGEX, endOfRegex(), true);
            case '{' -> openBrace();
            case '(' -> open(Nesting.PAREN, isHead() ? previousText : "");
            case '[' -> open(Nesting.BRACKET, "");
            case '}', ')', ']' -> close();
            default -> punctuator();
        };
    }

    private Kind token(Kind newKind, int newEnd, boolean newOperandEnded) {
        kind = newKind;
        end = Math.min(newEnd, text.length());
        position = end;
        lastText = newKind == Kind.WORD || newKind == Kind.PUNCTUATOR ? text.substring(start, end) : "";
        operandEnded = newOperandEnded;
        return newKind;
    }

    private Kind word() {
        int at = position;
        while (at < text.length() && isWordPart(text.charAt(at))) {
            at++;
        }
        boolean property = previousText.equals(".") || previousText.equals("?.");
        String word = text.substring(position, at);
        if (word.equals("class") && !property) {
            level().classAhead = true;
        }
        return token(Kind.WORD, at, property || (!BEFORE_OPERAND.contains(word) && !isHeadWord(word)));
    }

    private static boolean isHeadWord(String word) {
        return HEADS.contains(word);
    }

    /** Whether the word before this parenthesis is if, while, for, with or switch (or the await of a for await). */
    private boolean isHead() {
        return kind == Kind.WORD && ((HEADS.contains(previousText) && !operandEnded) || previousText.equals("await"));
    }

    private Kind open(Nesting nesting, String headWord) {
        levels.push(new Level(nesting, position, headWord));
        return token(Kind.PUNCTUATOR, position + 1, false);
    }

    private Kind openBrace() {
        Level around = level();
        Nesting nesting;
        if (around.classAhead && !previousText.equals("extends")) {
            around.classAhead = false;
            nesting = Nesting.CLASS;
        } else {
            nesting = opensBlock(around) ? Nesting.BLOCK : Nesting.OBJECT;
        }
        return open(nesting, previousText.equals(")") ? closedHeadWord : "");
    }

    private boolean opensBlock(Level around) {
        return switch (kind) {
            case PUNCTUATOR ->
                switch (previousText) {
                    case ")", ";", "{", "}", "=>", "]" ->
                        !(previousText.equals("{") && around.nesting == Nesting.OBJECT);
                    case ":" -> {
                        boolean ofTernary = around.ternaries > 0;
                        if (ofTernary) {
                            around.ternaries--;
                        }
                        yield !ofTernary && (around.nesting == Nesting.BLOCK || around.nesting == Nesting.TOP);
                    }
                    default -> false;
                };
            case WORD -> BEFORE_BLOCK.contains(previousText) || (operandEnded && newlineBefore);
            default -> true;
        };
    }

    private Kind close() {
        Level level = levels.getFirst();
        if (levels.size() > 1) {
            levels.pop();
        }
        closed = level;
        if (level.nesting == Nesting.TEMPLATE) {
            return template(position + 1);
        }
        closedHeadWord = level.headWord;
        boolean operand = switch (level.nesting) {
            case PAREN -> level.headWord.isEmpty();
            case BLOCK -> false;
            default -> true;
        };
        return token(Kind.PUNCTUATOR, position + 1, operand);
    }

    /** From after a backtick, or after the brace that ends a substitution, to the next substitution or the end. */
    private Kind template(int from) {
        int at = from;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '\\') {
                at += 2;
            } else if (c == '`') {
                return token(Kind.TEMPLATE, at + 1, true);
            } else if (c == '$' && at + 1 < text.length() && text.charAt(at + 1) == '{') {
                levels.push(new Level(Nesting.TEMPLATE, at + 1, ""));
                return token(Kind.TEMPLATE, at + 2, false);
            } else {
                at++;
            }
        }
        return token(Kind.TEMPLATE, at, true);
    }

    private static final String[] PUNCTUATORS = {
        "...", "=>", "===", "!==", "==", "!=", "<=", ">=", "&&=", "||=", "??=", "&&", "||", "?.", "??", "++", "--", "**"
    };

    private Kind punctuator() {
        for (String candidate : PUNCTUATORS) {
            if (text.startsWith(candidate, position) && !(candidate.equals("?.") && isDigit(peek(2)))) {
                boolean postfix = operandEnded && (candidate.equals("++") || candidate.equals("--"));
                return token(Kind.PUNCTUATOR, position + candidate.length(), postfix);
            }
        }
        if (text.charAt(position) == '?') {
            level().ternaries++;
        }
        return token(Kind.PUNCTUATOR, position + 1, false);
    }

    private int endOfString(char quote) {
        int at = position + 1;
        while (at < text.length() && text.charAt(at) != quote && text.charAt(at) != '\n') {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        return at + 1;
    }

    private int endOfRegex() {
        int at = position + 1;
        boolean inClass = false;
        while (at < text.length() && text.charAt(at) != '\n') {
            char c = text.charAt(at);
            if (c == '\\') {
                at++;
            } else if (c == '[') {
                inClass = true;
            } else if (c == ']') {
                inClass = false;
            } else if (c == '/' && !inClass) {
                break;
            }
            at++;
        }
        at++;
        while (at < text.length() && isWordPart(text.charAt(at))) {
            at++;
        }
        return at;
    }

    private int endOfNumber() {
        int at = position;
        while (at < text.length()) {
            char c = text.charAt(at);
            boolean sign = (c == '+' || c == '-')
                    && (text.charAt(at - 1) == 'e' || text.charAt(at - 1) == 'E')
                    && !text.startsWith("0x", position);
            if (!isWordPart(c) && c != '.' && !sign) {
                break;
            }
            at++;
        }
        return at;
    }

    private void skipBlanks() {
        newlineBefore = false;
        while (position < text.length()) {
            char c = text.charAt(position);
            if (isNewline(c)) {
                newlineBefore = true;
                position++;
            } else if (c == '/' && peek(1) == '/') {
                skipLine();
            } else if (c == '/' && peek(1) == '*') {
                skipComment();
            } else if (c <= ' ' || c == 0xa0 || c == 0xfeff || Character.getType(c) == Character.SPACE_SEPARATOR) {
                position++;
            } else {
                return;
            }
        }
    }

    private void skipLine() {
        while (position < text.length() && !isNewline(text.charAt(position))) {
            position++;
        }
    }

    private void skipComment() {
        int close = text.indexOf("*/", position + 2);
        int after = close < 0 ? text.length() : close + 2;
        for (int at = position; at < after; at++) {
            newlineBefore |= isNewline(text.charAt(at));
        }
        position = after;
    }

    private char peek(int ahead) {
        int at = position + ahead;
        return at < text.length() ? text.charAt(at) : 0;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isNewline(char c) {
        return c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029;
    }

    private static boolean isWordStart(char c) {
        return c == '$' || c == '_' || c == '#' || c == '\\' || Character.isLetter(c) || Character.isSurrogate(c);
    }

    private static boolean isWordPart(char c) {
        return isWordStart(c) || (Character.isUnicodeIdentifierPart(c) && c > ' ');
    }
}
