package io.pinion.modules.js;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.EnvironmentAccess;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.Instrument;
import org.graalvm.polyglot.PolyglotAccess;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.io.IOAccess;

/**
 * The one GraalJS engine of this JVM, which all instances share so that code is parsed and compiled once. Threadsafe.
 *
 * <p>It is started on a thread of its own: threads of the engine inherit the CPU mask of whoever starts them, and the
 * first to ask may be a thread that is bound to one CPU.
 *
 * <p>A stop is noticed between the guest's operations and inside most of the engine's own. What is not polled, as
 * {@code docs/limits.md} lists it: one operation on BigInts, and what the engine does by itself with millions of elements:
 * {@code indexOf} or {@code forEach} over an object that is no array and says it has billions, {@code Array.from} of a
 * length alone, the keys of a large typed array, a WebAssembly binary that it reads. {@code border.js} refuses BigInts of
 * more than 2^20 bits where a function makes or prints them; the operators cannot be refused. {@code 2n ** 1000000000n}
 * itself takes 0.1 s, but then one product or one conversion to text of numbers of 10 million bits takes seconds, of 100
 * million bits minutes, and so does comparing a BigInt with a text of a million digits. Values that are doubled or squared
 * in a loop are stopped in time, as each step takes about as long as all before it. Such an operation ends by itself; until
 * then its call cannot be ended.
 */
public final class JsEngine {
    /** A module that is not loaded by then is stopped, whatever keeps it. */
    public static final Duration LOAD_TIME_MAX = LoadDeadline.LIMIT;

    /** One string or typed array may take no more than an eighth or a sixteenth of the heap, and less of a large one. */
    private static final long LARGEST_MAX = Runtime.getRuntime().maxMemory() / 16;

    /** In characters of up to two bytes. */
    static final int STRING_LENGTH_MAX = (int) Math.min(64 << 20, LARGEST_MAX);

    /** In bytes, of buffers too. */
    static final int TYPED_ARRAY_LENGTH_MAX = (int) Math.min(256 << 20, LARGEST_MAX);

    /** The second for guests' {@code WebAssembly} alone. */
    private static final String[] LANGUAGES = {"js", "wasm"};

    /** What that takes inside the engine. Guests have no global that leads to other languages. */
    private static final PolyglotAccess WEB_ASSEMBLY_ALONE = PolyglotAccess.newBuilder()
            .allowEval("js", "wasm")
            .allowBindingsAccess("js")
            .allowBindingsAccess("wasm")
            .build();

    private JsEngine() {}

    private static final class Holder {
        static final Engine ENGINE = createOnOwnThread();
    }

    private static Engine createOnOwnThread() {
        CompletableFuture<Engine> created = new CompletableFuture<>();
        Thread.ofPlatform().name("pinion-js-engine").daemon().start(() -> {
            try {
                created.complete(create());
            } catch (Throwable e) {
                created.completeExceptionally(e);
            }
        });
        return created.join();
    }

    private static Engine create() {
        Engine engine = Engine.newBuilder(LANGUAGES)
                .allowExperimentalOptions(true)
                .option("engine.WarnInterpreterOnly", "false")
                .build();
        callDepth(engine);
        return engine;
    }

    /** Asking for it starts the instrument. */
    private static CallDepth callDepth(Engine engine) {
        Instrument instrument = engine.getInstruments().get(CallDepthInstrument.ID);
        if (instrument == null) {
            throw new IllegalStateException("the engine has not found the instrument " + CallDepthInstrument.ID);
        }
        return instrument.lookup(CallDepth.class);
    }

    /** What keeps guests from exhausting the stack. */
    static CallDepth callDepth() {
        return callDepth(engine());
    }

    /** Starts the engine if it does not run yet: half a second of CPU that the first module need not wait for. */
    public static void start() {
        engine();
    }

    /**
     * Starts the engine, loads a small module on the built-in library and calls it: seconds of CPU that the first module
     * need not wait for. Blocks for as long; meant for a thread in the background.
     *
     * @throws IllegalStateException if that module fails, or is not loaded within {@link #LOAD_TIME_MAX}
     */
    public static void warmUp() {
        WarmUp.run();
    }

    /** Whether JavaScript becomes machine code. If not it runs 20 to 50 times slower: the JVM lacks its flags. */
    public static boolean isCompiling() {
        return !engine().getImplementationName().equals("Interpreted");
    }

    /** The engine's name and version, as {@code GraalVM CE 25.0.3}. */
    public static String description() {
        return engine().getImplementationName() + " " + engine().getVersion();
    }

    static Engine engine() {
        return Holder.ENGINE;
    }

    static Source internalSource(String name, String text) {
        try {
            return Source.newBuilder("js", text, name).internal(true).build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A bare ECMAScript realm: no host classes, files, network, threads, processes or environment. */
    static Context newContext(BuiltinModules modules) {
        return Context.newBuilder(LANGUAGES)
                .engine(engine())
                .allowExperimentalOptions(true)
                .allowHostAccess(HostAccess.newBuilder(HostAccess.NONE)
                        .allowAccessAnnotatedBy(HostAccess.Export.class)
                        .allowBufferAccess(true)
                        .build())
                .allowPolyglotAccess(WEB_ASSEMBLY_ALONE)
                .allowEnvironmentAccess(EnvironmentAccess.NONE)
                .allowIO(IOAccess.newBuilder().fileSystem(modules).build())
                .allowCreateThread(false)
                .allowCreateProcess(false)
                .allowNativeAccess(false)
                .allowInnerContextOptions(false)
                .option("js.ecmascript-version", "staging")
                .option("js.esm-eval-returns-exports", "true")
                .option("js.text-encoding", "true")
                .option("js.webassembly", "true")
                // Or it would look for the source files that FunctionDebugInfo speaks of.
                .option("wasm.DebugTestMode", "true")
                // As V8 has it; border.js takes away the part that runs code of the guest.
                .option("js.stack-trace-api", "true")
                // A rejection that nobody handles fails the call: else an async function could fail and be committed.
                .option("js.unhandled-rejections", "throw")
                .option("js.locale", "en-001")
                .option("js.timezone", "UTC")
                .option("js.string-length-limit", Integer.toString(STRING_LENGTH_MAX))
                .option("js.max-typed-array-length", Integer.toString(TYPED_ARRAY_LENGTH_MAX))
                .option("js.console", "false")
                .option("js.print", "false")
                .option("js.load", "false")
                .option("js.agent-can-block", "false")
                .option("js.global-arguments", "false")
                .option("js.graal-builtin", "false")
                .option("js.polyglot-builtin", "false")
                .option("js.java-package-globals", "false")
                .option("js.function-constructor-cache-size", "1024")
                .build();
    }
}
