package io.pinion.modules.wasm;

import static io.pinion.modules.wasm.WasmBuilder.ENDLESS_LOOP;
import static io.pinion.modules.wasm.WasmBuilder.UNREACHABLE;
import static io.pinion.modules.wasm.WasmBuilder.i32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.modules.HostType;
import io.pinion.modules.Instance;
import io.pinion.modules.Instance.FunctionCall;
import io.pinion.modules.Instance.GuestResult;
import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.ModuleLimits;
import io.pinion.modules.RecordingHost;
import io.pinion.store.tx.Datastore;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused when a program is loaded, and with which words. */
@Timeout(60)
class WasmLoadTest {
    private static final String CALL = "iIIIIIIIii";

    @Test
    void theSmallestModuleLoads() throws InvalidModuleException {
        WasmModule module = WasmModule.load(WasmBuilder.minimal().build(), ModuleLimits.DEFAULT);

        assertEquals(HostType.WASM, module.hostType());
        assertEquals(List.of(), module.definition().tables());
        assertEquals(List.of(), module.warnings());
    }

    @Test
    void theKindIsToldFromTheFirstFourBytes() {
        assertTrue(WasmModule.isWasm(WasmBuilder.minimal().build()));
        assertTrue(!WasmModule.isWasm(Bytes.ofUtf8("export default 1")));
        assertTrue(!WasmModule.isWasm(Bytes.ofHex("006173")));
    }

    @Test
    void rubbishIsRefused() {
        refused("malformed", Bytes.ofHex("0061736d01000000" + "0102ffff"));
        refused("not a WebAssembly module of version 1", Bytes.ofHex("0061736d02000000"));
    }

    @Test
    void aProgramCutAnywhereIsRefused() {
        byte[] whole = WasmBuilder.minimal().build().unsafeArray();
        for (int length = 4; length < whole.length; length++) {
            Bytes cut = Bytes.wrap(Arrays.copyOf(whole, length));
            assertThrows(InvalidModuleException.class, () -> WasmModule.load(cut, ModuleLimits.DEFAULT));
        }
        refused("truncated", Bytes.wrap(Arrays.copyOf(whole, whole.length - 10)));
    }

    /** Whatever the damage is, it is either refused as an invalid module or does not matter. */
    @Test
    void aDamagedProgramIsRefusedOrLoadsAllTheSame() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] whole = WasmBuilder.minimal().build().unsafeArray();
        int refused = 0;
        for (int round = 0; round < 300; round++) {
            byte[] damaged = whole.clone();
            damaged[8 + random.nextInt(damaged.length - 8)] = (byte) random.nextInt();
            try {
                WasmModule.load(Bytes.wrap(damaged), ModuleLimits.DEFAULT);
            } catch (InvalidModuleException expected) {
                refused++;
            } catch (Throwable e) {
                throw new AssertionError(
                        "seed " + seed + ": " + Bytes.wrap(damaged).toHex(), e);
            }
        }
        assertTrue(refused > 0, "seed " + seed + " damaged nothing that matters");
    }

    /** A jump in a function's code, out of all its blocks. */
    @Test
    void aJumpToABlockThatIsNotThereIsRefused() {
        refused(
                "malformed",
                Bytes.ofHex("0061736d01000000011a0360037f7f7f017f60017f00600a7f7e7e7e7e7e7e7e7f7f017f0223"
                        + "010e737061636574696d655f31302e301062797465735f73696e6b5f777269746500000303020102050401010110"
                        + "073303066d656d6f72790200135f5f64657363726962655f6d6f64756c655f5f0001105f5f63616c6c5f72656475"
                        + "6365725f5f00020c01010a14020d00200041840805800810001a0b040041000b0b1001004180080b090500000002"
                        + "00000000"));
    }

    // Imports

    @Test
    void anUnknownImportModuleIsNamed() {
        Bytes program = withImport("wasi_snapshot_preview1", "fd_write", "iiii", "i");
        refused("imports wasi_snapshot_preview1::fd_write", program);
    }

    @Test
    void anUnknownFunctionIsNamed() {
        refused(
                "spacetime_10.0::no_such_call, which does not exist",
                withImport("spacetime_10.0", "no_such_call", "", ""));
    }

    @Test
    void aFunctionOfAnotherVersionIsNamedWithItsOwn() {
        refused(
                "imports spacetime_10.1::table_id_from_name, which does not exist; table_id_from_name belongs to spacetime_10.0",
                withImport("spacetime_10.1", "table_id_from_name", "iii", "i"));
    }

    @Test
    void aWrongSignatureIsShown() {
        refused("import spacetime_10.0::identity has the type", withImport("spacetime_10.0", "identity", "I", ""));
    }

    @Test
    void versionsThatThisHostLacksAreRefused() {
        refused("needs version 10.6", withImport("spacetime_10.6", "anything", "", ""));
        refused("needs version 11.0", withImport("spacetime_11.0", "anything", "", ""));
    }

    @Test
    void versionsThatAreNoneAreRefused() {
        for (String version : List.of("10", "10.x", "10.1.2", "10.99999", "-1.0", "")) {
            refused("whose version is not of the form", withImport("spacetime_" + version, "anything", "", ""));
        }
    }

    @Test
    void aProgramThatImportsNothingIsRefused() {
        Bytes program = new WasmBuilder()
                .memory(1, 1)
                .exportMemory("memory")
                .exportFunction("__describe_module__", "i", "")
                .exportFunction("__call_reducer__", CALL, "i", i32(0))
                .build();
        refused("cannot be told which module ABI", program);
    }

    @Test
    void anImportedMemoryIsRefused() {
        Bytes program = new WasmBuilder().importMemory("env", "memory").build();
        refused("imports the memory env::memory", program);
    }

    private static Bytes withImport(String module, String name, String parameters, String results) {
        return new WasmBuilder()
                .importFunction(module, name, parameters, results)
                .memory(1, 1)
                .exportMemory("memory")
                .exportFunction("__describe_module__", "i", "")
                .exportFunction("__call_reducer__", CALL, "i", i32(0))
                .build();
    }

    // Exports

    @Test
    void missingExportsAreNamed() {
        refused(
                "does not export the function __call_reducer__",
                WasmBuilder.describing(Bytes.EMPTY).build());
        Bytes withoutDescription = start().memory(1, 1)
                .exportMemory("memory")
                .exportFunction("__call_reducer__", CALL, "i", i32(0))
                .build();
        refused("does not export the function __describe_module__", withoutDescription);
        Bytes withoutMemory = start().memory(1, 1)
                .exportFunction("__describe_module__", "i", "")
                .exportFunction("__call_reducer__", CALL, "i", i32(0))
                .build();
        refused("does not export its memory", withoutMemory);
    }

    private static WasmBuilder start() {
        return new WasmBuilder().importFunction("spacetime_10.0", "identity", "i", "");
    }

    @Test
    void exportsOfTheWrongTypeAreNamed() {
        refused(
                "export __call_view_anon__ has the type",
                WasmBuilder.minimal()
                        .exportFunction("__call_view_anon__", "ii", "i", i32(0))
                        .build());
        refused(
                "export __preinit__10_x has the type",
                WasmBuilder.minimal().exportFunction("__preinit__10_x", "i", "").build());
        refused(
                "export __setup__ has the type",
                WasmBuilder.minimal()
                        .exportFunction("__setup__", "", "i", i32(0))
                        .build());
    }

    // Initialisers and description

    @Test
    void anInitialiserThatTrapsIsRefused() {
        refused(
                "initialiser of the module failed",
                WasmBuilder.minimal()
                        .exportFunction("__preinit__1", "", "", UNREACHABLE)
                        .build());
    }

    @Test
    void aSetUpThatFailsIsRefused() {
        refused(
                "set-up failed",
                WasmBuilder.minimal()
                        .exportFunction("__setup__", "i", "i", i32(1))
                        .build());
        refused(
                "unknown code 5",
                WasmBuilder.minimal()
                        .exportFunction("__setup__", "i", "i", i32(5))
                        .build());
    }

    @Test
    void anInitialiserThatNeverEndsIsStopped() throws InvalidModuleException {
        WasmProgram program = WasmProgram.compile(
                WasmBuilder.minimal()
                        .exportFunction("__preinit__1", "", "", ENDLESS_LOOP)
                        .build(),
                ModuleLimits.DEFAULT);

        InvalidModuleException refusal = assertThrows(
                InvalidModuleException.class,
                () -> WasmInstance.create(program, new DescribingHost(), Duration.ofMillis(50)));

        assertContains("took more than", refusal);
        assertTrue(!Thread.currentThread().isInterrupted());
    }

    @Test
    void anInitialiserOfAnyOtherTypeThanUnitIsIgnored() throws InvalidModuleException {
        Bytes program = WasmBuilder.minimal()
                .exportFunction("_initialize", "i", "", UNREACHABLE)
                .exportFunction("_start", "", "", UNREACHABLE)
                .build();
        WasmModule.load(program, ModuleLimits.DEFAULT);
    }

    @Test
    void anEmptyDescriptionIsRefused() {
        refused("wrote nothing", withDescription(Bytes.EMPTY));
    }

    @Test
    void anUndecodableDescriptionIsRefused() {
        refused("description", withDescription(Bytes.ofHex("07")));
        refused("description", withDescription(Bytes.ofHex("0205000000")));
    }

    private static Bytes withDescription(Bytes description) {
        return WasmBuilder.describing(description)
                .exportFunction("__call_reducer__", CALL, "i", i32(0))
                .build();
    }

    // Limits

    @Test
    void programsBeyondTheLimitsAreRefused() {
        Bytes program = WasmBuilder.minimal().build();
        ModuleLimits limits = ModuleLimits.DEFAULT;
        refused(
                "bytes, more than the 20 allowed",
                program,
                new ModuleLimits(
                        20, limits.wasmFunctionCountMax(), limits.wasmFunctionBytesMax(), 10, limits.wasmMemory()));
        refused(
                "2 functions, more than the 1 allowed",
                program,
                new ModuleLimits(limits.programBytesMax(), 1, limits.wasmFunctionBytesMax(), 10, limits.wasmMemory()));
        refused(
                "bytes of code, more than the 3 allowed",
                program,
                new ModuleLimits(limits.programBytesMax(), 10, 3, 10, limits.wasmMemory()));
        refused(
                "1 pages of memory, more than the 0 allowed",
                program,
                new ModuleLimits(limits.programBytesMax(), 10, limits.wasmFunctionBytesMax(), 0, limits.wasmMemory()));
    }

    /** Code of that many instructions that do nothing. */
    private static byte[] idle(int pairs) {
        byte[] pair = WasmBuilder.concat(i32(1), WasmBuilder.DROP);
        return WasmBuilder.concat(Collections.nCopies(pairs, pair).toArray(byte[][]::new));
    }

    @Test
    void theAuthorIsToldOfFunctionsTooLargeForTheJit() throws InvalidModuleException {
        Bytes program = WasmBuilder.minimal()
                .exportFunction("large", "", "", idle(8_000))
                .build();

        List<String> warnings = WasmModule.load(program, ModuleLimits.DEFAULT).warnings();

        assertEquals(1, warnings.size(), warnings::toString);
        assertTrue(warnings.getFirst().startsWith("function 3 has 24002 bytes of code"), warnings::toString);
    }

    @Test
    void functionsTooLargeForAMethodAreInterpretedAndTheAuthorIsTold() throws InvalidModuleException {
        Bytes program = WasmBuilder.describing(WasmBuilder.EMPTY_DESCRIPTION)
                .exportFunction("__call_reducer__", CALL, "i", idle(40_000), i32(0))
                .build();

        WasmModule module = WasmModule.load(program, ModuleLimits.DEFAULT);

        List<String> warnings = module.warnings();
        assertTrue(warnings.stream().anyMatch(warning -> warning.contains("bytes of code")), warnings::toString);
        assertTrue(warnings.stream().anyMatch(warning -> warning.contains("are interpreted")), warnings::toString);
        try (Instance instance = module.instantiate(new RecordingHost())) {
            FunctionCall call = new FunctionCall(0, "huge", Identity.ZERO, ConnectionId.NONE, 0, Bytes.EMPTY);
            assertEquals(
                    new GuestResult.Returned(Bytes.EMPTY),
                    instance.callReducer(
                            call, Datastore.create(module.definition()).begin()));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SIMD | fd0c0102030405060708090a0b0c0d0e0f101a",
                "SIMD | 4100fd0f1a",
                "exceptions in their legacy encoding | 06400b",
                "exceptions in their legacy encoding | 0640190b",
                "this instruction of a newer version | 4200420042004200fc131a1a"
            })
    void whatTheEngineDoesNotHaveIsNamed(String expected, String code) {
        Bytes program = WasmBuilder.minimal()
                .exportFunction("new", "", "", HexFormat.of().parseHex(code))
                .build();

        refused("this engine does not have " + expected, program);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "memories of 64 bits: build for wasm32 | 010401",
                "memories of 64 bits: build for wasm32 | 01050101",
                "threads: build without atomics and shared memory | 01030101",
                "threads: build without atomics and shared memory | 01070101",
                "several memories in one program | 0200010001",
                "memories with pages of other sizes | 0108010e"
            })
    void memoriesThatTheEngineDoesNotHaveAreNamed(String expected, String section) {
        Bytes program = WasmBuilder.minimal()
                .memorySection(HexFormat.of().parseHex(section))
                .build();

        refused("this engine does not have " + expected, program);
    }

    /** As current compilers emit them: null references, indirect and tail calls, bulk memory, sign extension, atomics. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "d0701a",
                "410041004100fc0b00",
                "410041004100fc0a0000",
                "4100c01a",
                "4300000000fc001a",
                "4100fe1002001a"
            })
    void whatCurrentCompilersEmitIsTaken(String code) throws InvalidModuleException {
        Bytes program = WasmBuilder.minimal()
                .exportFunction("new", "", "", HexFormat.of().parseHex(code))
                .build();

        assertTrue(WasmModule.load(program, ModuleLimits.DEFAULT).warnings().isEmpty());
    }

    private static void refused(String words, Bytes program) {
        refused(words, program, ModuleLimits.DEFAULT);
    }

    private static void refused(String words, Bytes program, ModuleLimits limits) {
        assertContains(words, assertThrows(InvalidModuleException.class, () -> WasmModule.load(program, limits)));
    }

    private static void assertContains(String words, InvalidModuleException refusal) {
        String message = String.valueOf(refusal.getMessage());
        assertTrue(message.contains(words), message);
    }
}
