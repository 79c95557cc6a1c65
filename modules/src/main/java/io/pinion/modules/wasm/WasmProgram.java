package io.pinion.modules.wasm;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import io.pinion.modules.InstanceHost;
import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.ModuleLimits;
import io.pinion.modules.WasmMemoryBudget;
import io.pinion.store.value.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A WebAssembly program, checked against limits and ABI and compiled to JVM bytecode; shared by all its instances. */
final class WasmProgram {
    private static final Logger log = LoggerFactory.getLogger(WasmProgram.class);

    private final WasmModule module;
    private final GuestAbi abi;
    private final MemoryLimits memoryLimits;
    private final WasmMemoryBudget memoryBudget;
    private final Function<Instance, Machine> machineFactory;
    private final GuestStack stack;
    private final List<String> warnings;

    private WasmProgram(
            WasmModule module,
            GuestAbi abi,
            MemoryLimits memoryLimits,
            WasmMemoryBudget memoryBudget,
            Function<Instance, Machine> machineFactory,
            List<String> warnings) {
        this.module = module;
        this.abi = abi;
        this.memoryLimits = memoryLimits;
        this.memoryBudget = memoryBudget;
        this.machineFactory = machineFactory;
        this.stack = new GuestStack(module);
        this.warnings = List.copyOf(warnings);
    }

    /** @throws InvalidModuleException if it is not WebAssembly, beyond the limits, or not written for this ABI */
    static WasmProgram compile(Bytes program, ModuleLimits limits) throws InvalidModuleException {
        WasmBinary binary = WasmBinary.check(program, limits);
        WasmModule module = parse(program);
        GuestAbi abi = abiOf(module);
        MemoryLimits memoryLimits = memoryLimits(abi, limits);
        List<String> warnings = new ArrayList<>();
        warnOfHugeFunctions(binary, module, warnings);
        return new WasmProgram(module, abi, memoryLimits, limits.wasmMemory(), compile(module, warnings), warnings);
    }

    private static WasmModule parse(Bytes program) throws InvalidModuleException {
        try {
            return Parser.parse(program.unsafeArray());
        } catch (RuntimeException | StackOverflowError e) {
            throw new InvalidModuleException(
                    "the WebAssembly program is malformed: " + Proposals.explain(String.valueOf(e.getMessage())), e);
        } catch (AssertionError e) { // of the parser, where the JVM checks assertions
            throw new InvalidModuleException("the WebAssembly program is malformed: its blocks do not match", e);
        }
    }

    /** The parser leaves it to the compiler to find that a type or a function is not there. */
    private static GuestAbi abiOf(WasmModule module) throws InvalidModuleException {
        try {
            return GuestAbi.of(module);
        } catch (IndexOutOfBoundsException | ChicoryException e) {
            throw new InvalidModuleException("the WebAssembly program is malformed: " + e.getMessage(), e);
        }
    }

    private static MemoryLimits memoryLimits(GuestAbi abi, ModuleLimits limits) throws InvalidModuleException {
        int initial = abi.memory().initialPages();
        int allowed = limits.wasmMemoryPagesMax();
        if (initial > allowed) {
            throw new InvalidModuleException(
                    "the program starts with " + initial + " pages of memory, more than the " + allowed + " allowed");
        }
        return new MemoryLimits(initial, Math.min(abi.memory().maximumPages(), allowed));
    }

    private static void warnOfHugeFunctions(WasmBinary binary, WasmModule module, List<String> warnings) {
        GuestStack names = new GuestStack(module);
        for (int position : binary.hugeFunctions()) {
            warnings.add(names.name(module.importSection().importCount() + position) + " has "
                    + binary.functionBytes(position)
                    + " bytes of code; functions this large may run many times slower than smaller ones");
        }
    }

    /** The interpreter only ever runs functions that are too large for a JVM method, and then the author is told. */
    private static Function<Instance, Machine> compile(WasmModule module, List<String> warnings)
            throws InvalidModuleException {
        try {
            return compile(module, InterpreterFallback.FAIL);
        } catch (RuntimeException | StackOverflowError e) {
            if (!isTooLarge(e)) {
                throw new InvalidModuleException(
                        "the WebAssembly program cannot be compiled: "
                                + Proposals.explain(String.valueOf(e.getMessage())),
                        e);
            }
            log.debug("interpreting what the compiler cannot take", e);
            warnings.add("functions too large to be compiled are interpreted, which is about 100 times slower: "
                    + e.getMessage());
            return compile(module, InterpreterFallback.SILENT);
        }
    }

    private static Function<Instance, Machine> compile(WasmModule module, InterpreterFallback fallback) {
        return MachineFactoryCompiler.builder(module)
                .withInterpreterFallback(fallback)
                .compile();
    }

    private static boolean isTooLarge(Throwable thrown) {
        return thrown instanceof ChicoryException
                && thrown.getCause() != null
                && thrown.getCause().getClass().getSimpleName().equals("MethodTooLargeException");
    }

    WasmModule module() {
        return module;
    }

    GuestAbi abi() {
        return abi;
    }

    MemoryLimits memoryLimits() {
        return memoryLimits;
    }

    WasmMemoryBudget memoryBudget() {
        return memoryBudget;
    }

    Function<Instance, Machine> machineFactory() {
        return machineFactory;
    }

    GuestStack stack() {
        return stack;
    }

    List<String> warnings() {
        return warnings;
    }

    WasmInstance instantiate(InstanceHost host) throws InvalidModuleException {
        return WasmInstance.create(this, host, Initialisation.LIMIT);
    }
}
