package io.pinion.modules.js;

import io.pinion.modules.InvalidModuleException;
import io.pinion.store.value.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import org.graalvm.polyglot.Source;

/** The text of a module, ready to run in any number of contexts. Immutable. */
final class JsProgram {
    private final LoweredText text;
    private final Source source;

    private JsProgram(LoweredText text, Source source) {
        this.text = text;
        this.source = source;
    }

    /** @throws InvalidModuleException if the bytes are not UTF-8, or for a declaration that cannot be lowered */
    static JsProgram parse(Bytes program) throws InvalidModuleException {
        LoweredText lowered = UsingLowering.lower(decode(program));
        try {
            Source source = Source.newBuilder("js", lowered.text(), ScriptNames.MODULE)
                    .mimeType("application/javascript+module")
                    .build();
            return new JsProgram(lowered, source);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same object for all contexts: the engine keeps what it parsed by it. */
    Source source() {
        return source;
    }

    ScriptNames names() {
        return text;
    }

    private static String decode(Bytes program) throws InvalidModuleException {
        ByteBuffer in = ByteBuffer.wrap(program.unsafeArray());
        CharBuffer out = CharBuffer.allocate(program.length());
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        CoderResult result = decoder.decode(in, out, true);
        out.flip();
        if (result.isError()) {
            long line = out.chars().filter(c -> c == '\n').count() + 1;
            throw new InvalidModuleException("the program is neither WebAssembly nor UTF-8 text: byte " + in.position()
                    + " (line " + line + ") is 0x" + Integer.toHexString(program.at(in.position()) & 0xff));
        }
        return out.toString();
    }
}
