package io.pinion.modules.wasm;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names the WebAssembly proposals that there are not, also behind what the engine could not take and only knows by the bytes. */
final class Proposals {
    private static final Pattern ILLEGAL_OPCODE = Pattern.compile("illegal opcode, op value ([0-9A-F]{2})");
    private static final Pattern VECTOR = Pattern.compile(
            "Unhandled opcode: (V128|I8x16|I16x8|I32x4|I64x2|F32x4|F64x2)_|Unsupported type id: 123\\b");

    static final String THREADS = "threads: build without atomics and shared memory";
    static final String MEMORY_64 = "memories of 64 bits: build for wasm32";
    static final String MEMORIES = "several memories in one program: build with one";
    static final String PAGE_SIZES = "memories with pages of other sizes: build without";

    private static final String SIMD = "SIMD: build without it (clang -mno-simd128)";
    private static final String LEGACY_EXCEPTIONS =
            "exceptions in their legacy encoding: build with the current one (clang -mllvm -wasm-use-legacy-eh=false) or"
                    + " without exceptions";

    private Proposals() {}

    /** @return the engine's message, and behind it what it means, where that is known */
    static String explain(String message) {
        String proposal = proposal(message);
        return proposal.isEmpty() ? message : missing(proposal) + " (" + message + ")";
    }

    static String missing(String proposal) {
        return "this engine does not have " + proposal;
    }

    private static String proposal(String message) {
        if (VECTOR.matcher(message).find()) {
            return SIMD;
        }
        Matcher opcode = ILLEGAL_OPCODE.matcher(message);
        return opcode.find() ? ofOpcode(opcode.group(1)) : "";
    }

    /** @param opcode the first byte as two hex digits */
    private static String ofOpcode(String opcode) {
        return switch (opcode) {
            case "06", "07", "09", "18", "19" -> LEGACY_EXCEPTIONS;
            case "FB" -> "garbage-collected types";
            case "FC" -> "this instruction of a newer version";
            case "FD" -> SIMD;
            case "FE" -> THREADS;
            default -> "";
        };
    }
}
