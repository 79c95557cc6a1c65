package io.pinion.modules.load;

import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.Module;
import io.pinion.modules.ModuleLimits;
import io.pinion.modules.js.JsModule;
import io.pinion.modules.wasm.WasmModule;
import io.pinion.store.value.Bytes;

/** Turns programs into modules. */
public final class ModuleLoader {
    private ModuleLoader() {}

    /**
     * Compiles and describes a program. The kind is told from the content: {@code 00 61 73 6d} at the start is
     * WebAssembly, anything else has to be UTF-8 JavaScript text. Takes from milliseconds to seconds of CPU: never called
     * on a core thread.
     *
     * @throws InvalidModuleException if the program cannot be a module; nothing is left behind
     */
    public static Module load(Bytes program, ModuleLimits limits) throws InvalidModuleException {
        if (WasmModule.isWasm(program)) {
            return WasmModule.load(program, limits);
        }
        return JsModule.load(program, limits);
    }
}
