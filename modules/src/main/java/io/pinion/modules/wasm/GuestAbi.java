package io.pinion.modules.wasm;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Import;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import io.pinion.modules.InvalidModuleException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a parsed program imports and exports, checked by name and type.
 *
 * @param imports host functions in the order of import
 * @param initialisers names of the {@code __preinit__} exports, in the order in which they run
 * @param memory limits of the one memory
 */
record GuestAbi(List<HostAbi.HostImport> imports, List<String> initialisers, MemoryLimits memory) {
    static final String MEMORY = "memory";
    static final String DESCRIBE = "__describe_module__";
    static final String CALL_REDUCER = "__call_reducer__";
    static final String CALL_VIEW = "__call_view__";
    static final String CALL_VIEW_ANONYMOUS = "__call_view_anon__";
    static final String CALL_PROCEDURE = "__call_procedure__";
    static final String CALL_HTTP_HANDLER = "__call_http_handler__";
    static final String INITIALIZE = "_initialize";
    static final String SETUP = "__setup__";
    private static final String PREINIT_PREFIX = "__preinit__";

    private static final FunctionType UNIT = FunctionType.empty();
    private static final FunctionType CALL = HostAbi.type("iIIIIIIIii", "i");

    private static final Map<String, FunctionType> REQUIRED =
            new TreeMap<>(Map.of(DESCRIBE, HostAbi.type("i", ""), CALL_REDUCER, CALL));
    private static final Map<String, FunctionType> OPTIONAL = Map.of(
            CALL_PROCEDURE,
            CALL,
            CALL_VIEW,
            HostAbi.type("iIIIIii", "i"),
            CALL_VIEW_ANONYMOUS,
            HostAbi.type("iii", "i"),
            CALL_HTTP_HANDLER,
            HostAbi.type("iIiiii", "i"),
            SETUP,
            HostAbi.type("i", "i"));

    GuestAbi {
        imports = List.copyOf(imports);
        initialisers = List.copyOf(initialisers);
    }

    static GuestAbi of(WasmModule module) throws InvalidModuleException {
        List<HostAbi.HostImport> imports = checkImports(module);
        return new GuestAbi(imports, checkExports(module), memoryLimits(module));
    }

    private static List<HostAbi.HostImport> checkImports(WasmModule module) throws InvalidModuleException {
        List<HostAbi.HostImport> imports = new ArrayList<>();
        for (int i = 0; i < module.importSection().importCount(); i++) {
            Import wanted = module.importSection().getImport(i);
            if (!(wanted instanceof FunctionImport function)) {
                throw new InvalidModuleException("the program imports the "
                        + wanted.importType().name().toLowerCase(Locale.ROOT) + " " + wanted.module() + "::"
                        + wanted.name() + "; only functions can be imported");
            }
            HostAbi.HostImport found = HostAbi.find(function.module(), function.name());
            FunctionType type = module.typeSection().getType(function.typeIndex());
            checkType("import " + function.module() + "::" + function.name(), found.type(), type);
            imports.add(found);
        }
        if (imports.isEmpty()) {
            throw new InvalidModuleException(
                    "the program imports nothing from spacetime_10.x, so it cannot be told which module ABI it is for");
        }
        return imports;
    }

    private static List<String> checkExports(WasmModule module) throws InvalidModuleException {
        Map<String, Export> exports = new HashMap<>();
        for (int i = 0; i < module.exportSection().exportCount(); i++) {
            Export export = module.exportSection().getExport(i);
            exports.put(export.name(), export);
        }
        Export memory = exports.get(MEMORY);
        if (memory == null || memory.exportType() != ExternalType.MEMORY) {
            throw new InvalidModuleException("the program does not export its memory under the name memory");
        }
        for (Map.Entry<String, FunctionType> required : REQUIRED.entrySet()) {
            checkFunction(module, exports.get(required.getKey()), required.getKey(), required.getValue(), true);
        }
        for (Map.Entry<String, FunctionType> optional : OPTIONAL.entrySet()) {
            checkFunction(module, exports.get(optional.getKey()), optional.getKey(), optional.getValue(), false);
        }
        List<String> initialisers = new ArrayList<>();
        for (Export export : exports.values()) {
            if (export.name().startsWith(PREINIT_PREFIX)) {
                checkFunction(module, export, export.name(), UNIT, true);
                initialisers.add(export.name());
            }
        }
        initialisers.sort(Comparator.comparing(name -> name.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned));
        return initialisers;
    }

    private static void checkFunction(
            WasmModule module, @Nullable Export export, String name, FunctionType expected, boolean required)
            throws InvalidModuleException {
        if (export == null) {
            if (required) {
                throw new InvalidModuleException("the program does not export the function " + name);
            }
            return;
        }
        if (export.exportType() != ExternalType.FUNCTION) {
            throw new InvalidModuleException("the program's export " + name + " is not a function");
        }
        checkType("export " + name, expected, typeOf(module, export.index()));
    }

    /** Whether there is such an export, of a function from nothing to nothing. Any other is ignored. */
    static boolean exportsUnit(WasmModule module, String name) {
        Export export = find(module, name);
        return export != null
                && export.exportType() == ExternalType.FUNCTION
                && typeOf(module, export.index()).equals(UNIT);
    }

    static boolean isExported(WasmModule module, String name) {
        return find(module, name) != null;
    }

    private static @Nullable Export find(WasmModule module, String name) {
        for (int i = 0; i < module.exportSection().exportCount(); i++) {
            Export export = module.exportSection().getExport(i);
            if (export.name().equals(name)) {
                return export;
            }
        }
        return null;
    }

    private static FunctionType typeOf(WasmModule module, int functionIndex) {
        int importCount = module.importSection().importCount();
        int typeIndex = functionIndex < importCount
                ? ((FunctionImport) module.importSection().getImport(functionIndex)).typeIndex()
                : module.functionSection().getFunctionType(functionIndex - importCount);
        return module.typeSection().getType(typeIndex);
    }

    private static void checkType(String what, FunctionType expected, FunctionType actual)
            throws InvalidModuleException {
        if (!expected.equals(actual)) {
            throw new InvalidModuleException("the program's " + what + " has the type " + text(actual) + " where "
                    + text(expected) + " is expected");
        }
    }

    private static String text(FunctionType type) {
        return type.params() + " → " + type.returns();
    }

    private static MemoryLimits memoryLimits(WasmModule module) throws InvalidModuleException {
        if (module.memorySection().isEmpty() || module.memorySection().get().memoryCount() != 1) {
            throw new InvalidModuleException("the program must define exactly one memory");
        }
        return module.memorySection().get().getMemory(0).limits();
    }
}
