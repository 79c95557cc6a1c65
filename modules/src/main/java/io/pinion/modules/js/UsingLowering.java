package io.pinion.modules.js;

import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.js.JsLexer.Kind;
import io.pinion.modules.js.JsLexer.Level;
import io.pinion.modules.js.JsLexer.Nesting;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Turns {@code using} declarations, which the engine does not know, into {@code try} and {@code finally}:
 *
 * <pre>
 * { a(); using x = open(); b(x); }
 * { const $1 = __pinion_disposals(); try { a(); const x = $1.sync = open(); b(x);
 *   } catch ($1e) { throw $1.fail($1e); } finally { $1.dispose(); } }
 * </pre>
 *
 * <p>The whole block goes into the {@code try}, so everything declared in it keeps its scope; the setter {@code sync}
 * takes note of the value, so the end of an initializer need not be found. No line is added, so lines stay as they are,
 * and {@link LoweredText} tells where a column came from.
 */
final class UsingLowering {
    private static final Pattern MAY_HAVE_USING = Pattern.compile("\\busing[ \\t]+[\\p{L}_$\\\\]");

    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private final List<LoweredText.Edit> edits = new ArrayList<>();
    private final Map<Level, Block> blocks = new HashMap<>();
    private int count;

    /** A block that declares something with {@code using}. */
    private static final class Block {
        final String name;
        boolean async;
        /** Set while inside a declaration of this block. */
        @Nullable
        String setter;

        Block(String name) {
            this.name = name;
        }
    }

    /** @param level that encloses it; for an opening bracket the one it opens */
    private record Token(
            Kind kind,
            int start,
            int end,
            String text,
            boolean newlineBefore,
            boolean endsOperand,
            Level level,
            @Nullable Level closed) {
        boolean is(String expected) {
            return (kind == Kind.WORD || kind == Kind.PUNCTUATOR) && text.equals(expected);
        }
    }

    private UsingLowering(String text) {
        this.text = text;
        JsLexer lexer = new JsLexer(text);
        Kind kind;
        do {
            kind = lexer.next();
            tokens.add(new Token(
                    kind,
                    lexer.start(),
                    lexer.end(),
                    lexer.text(),
                    lexer.newlineBefore(),
                    lexer.endsOperand(),
                    lexer.level(),
                    lexer.closed()));
        } while (kind != Kind.END);
    }

    /** @throws InvalidModuleException for a declaration in a place where it cannot be lowered */
    static LoweredText lower(String text) throws InvalidModuleException {
        if (!MAY_HAVE_USING.matcher(text).find()) {
            return LoweredText.unchanged(text);
        }
        return new UsingLowering(text).run();
    }

    private LoweredText run() throws InvalidModuleException {
        for (int i = 0; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            if (token.closed() != null) {
                closeBlock(token.closed(), token);
            }
            Block block = blocks.get(token.level());
            if (block != null && block.setter != null) {
                continueDeclaration(block, i);
            }
            if (token.is("using") && !token(i - 1).is(".") && !token(i - 1).is("?.")) {
                lowerUsing(i);
            }
        }
        edits.sort(Comparator.comparingInt(LoweredText.Edit::offset));
        return LoweredText.of(text, edits);
    }

    private Token token(int index) {
        return tokens.get(Math.clamp(index, 0, tokens.size() - 1));
    }

    /** At the word {@code using}: lowers it if it declares something. */
    private void lowerUsing(int at) throws InvalidModuleException {
        Token using = token(at);
        Token name = token(at + 1);
        Token after = token(at + 2);
        if (name.kind() != Kind.WORD || name.newlineBefore() || name.is("in") || name.is("instanceof")) {
            return;
        }
        boolean async = at > 0 && token(at - 1).is("await") && !using.newlineBefore();
        int first = async ? at - 1 : at;
        Level level = using.level();
        boolean forHead = level.headWord.equals("for") || level.headWord.equals("await");
        if (after.is("of") && forHead && token(first - 1).is("(")) {
            lowerLoop(token(first), at, async);
        } else if (after.is("=")) {
            if (level.nesting != Nesting.BLOCK || level.headWord.equals("switch")) {
                throw refused(token(first), level);
            }
            Block block = block(level);
            block.async |= async;
            block.setter = async ? "async" : "sync";
            replace(token(first).start(), using.end(), "const");
            insert(after.end(), " " + block.name + "." + block.setter + " =");
        }
    }

    /** Inside a declaration of this block: sees its end, or its next declarator. */
    private void continueDeclaration(Block block, int at) {
        Token token = token(at);
        if (endsDeclaration(token(at - 1), token)) {
            block.setter = null;
        } else if (token.is(",")
                && token(at + 1).kind() == Kind.WORD
                && token(at + 2).is("=")) {
            insert(token(at + 2).end(), " " + block.name + "." + block.setter + " =");
        }
    }

    private Block block(Level level) {
        Block block = blocks.get(level);
        if (block == null) {
            block = openBlock(level, "");
        }
        return block;
    }

    private Block openBlock(Level level, String first) {
        Block block = new Block("__pinion_using_" + ++count);
        blocks.put(level, block);
        insert(
                level.start + 1,
                " const " + block.name + " = __pinion_disposals(); try {" + first.replace("$", block.name));
        return block;
    }

    private void closeBlock(Level level, Token brace) {
        Block block = blocks.remove(level);
        if (block == null) {
            return;
        }
        String dispose = block.async ? "await " + block.name + ".disposeAsync();" : block.name + ".dispose();";
        insert(
                brace.start(),
                "} catch (" + block.name + "_e) { throw " + block.name + ".fail(" + block.name + "_e); } finally { "
                        + dispose + " } ");
    }

    /** {@code for (using x of …) { … }}: the body's block disposes of {@code x}. */
    private void lowerLoop(Token first, int using, boolean async) throws InvalidModuleException {
        replace(first.start(), token(using).end(), "const");
        int close = using;
        while (token(close).closed() != token(using).level() && token(close).kind() != Kind.END) {
            close++;
        }
        Token body = token(close + 1);
        if (!body.is("{")) {
            throw new InvalidModuleException(
                    at(first.start()) + "the body of a for loop with a using declaration has to be a block in braces");
        }
        String take =
                " $." + (async ? "async" : "sync") + " = " + token(using + 1).text() + ";";
        openBlock(body.level(), take).async = async;
    }

    /** Whether a semicolon or a line break stands between a declaration and this token. */
    private static boolean endsDeclaration(Token previous, Token token) {
        if (token.is(";")) {
            return true;
        }
        if (!token.newlineBefore() || (!previous.endsOperand() && !previous.is("}"))) {
            return false;
        }
        return switch (token.kind()) {
            case WORD -> !token.is("in") && !token.is("instanceof");
            case NUMBER, STRING -> true;
            case PUNCTUATOR -> token.is("{") || token.is("++") || token.is("--");
            default -> false;
        };
    }

    private InvalidModuleException refused(Token token, Level level) {
        String reason = switch (level.nesting) {
            case TOP -> "at the top level of a module is not supported: put it into a block";
            case PAREN -> "in the head of a for loop is supported only as for (using x of …)";
            default -> "is allowed only inside a block";
        };
        return new InvalidModuleException(at(token.start()) + "a using declaration " + reason);
    }

    private String at(int offset) {
        return LoweredText.unchanged(text).place(offset) + ": ";
    }

    private void insert(int offset, String inserted) {
        edits.add(new LoweredText.Edit(offset, 0, inserted));
    }

    private void replace(int from, int to, String inserted) {
        edits.add(new LoweredText.Edit(from, to - from, inserted));
    }
}
