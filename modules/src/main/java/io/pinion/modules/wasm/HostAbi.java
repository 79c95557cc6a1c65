package io.pinion.modules.wasm;

import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import io.pinion.modules.InvalidModuleException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The functions a module may import, by version and name, and what each takes and returns. */
final class HostAbi {
    static final int MAJOR = 10;
    static final int MINOR_MAX = 5;
    private static final String MODULE_PREFIX = "spacetime_";

    private HostAbi() {}

    /** One function of the host. Signatures are written as letters: i for i32, I for i64. */
    record HostImport(String module, String name, FunctionType type) {}

    /** By module and name, as {@code spacetime_10.0::identity}. */
    static final Map<String, HostImport> IMPORTS = Stream.of(
                    entry(0, "table_id_from_name", "iii", "i"),
                    entry(0, "index_id_from_name", "iii", "i"),
                    entry(0, "datastore_table_row_count", "ii", "i"),
                    entry(0, "datastore_table_scan_bsatn", "ii", "i"),
                    entry(0, "datastore_index_scan_range_bsatn", "iiiiiiiii", "i"),
                    entry(0, "datastore_btree_scan_bsatn", "iiiiiiiii", "i"),
                    entry(0, "datastore_delete_by_index_scan_range_bsatn", "iiiiiiiii", "i"),
                    entry(0, "datastore_delete_by_btree_scan_bsatn", "iiiiiiiii", "i"),
                    entry(0, "datastore_delete_all_by_eq_bsatn", "iiii", "i"),
                    entry(0, "row_iter_bsatn_advance", "iii", "i"),
                    entry(0, "row_iter_bsatn_close", "i", "i"),
                    entry(0, "datastore_insert_bsatn", "iii", "i"),
                    entry(0, "datastore_update_bsatn", "iiii", "i"),
                    entry(0, "bytes_source_read", "iii", "i"),
                    entry(0, "bytes_sink_write", "iii", "i"),
                    entry(0, "console_log", "iiiiiiii", ""),
                    entry(0, "console_timer_start", "ii", "i"),
                    entry(0, "console_timer_end", "i", "i"),
                    entry(0, "identity", "i", ""),
                    entry(0, "volatile_nonatomic_schedule_immediate", "iiii", ""),
                    entry(1, "bytes_source_remaining_length", "ii", "i"),
                    entry(2, "get_jwt", "ii", "i"),
                    entry(3, "procedure_sleep_until", "I", "I"),
                    entry(3, "procedure_start_mut_tx", "i", "i"),
                    entry(3, "procedure_commit_mut_tx", "", "i"),
                    entry(3, "procedure_abort_mut_tx", "", "i"),
                    entry(3, "procedure_http_request", "iiiii", "i"),
                    entry(4, "datastore_index_scan_point_bsatn", "iiii", "i"),
                    entry(4, "datastore_delete_by_index_scan_point_bsatn", "iiii", "i"),
                    entry(5, "datastore_clear", "ii", "i"))
            .collect(Collectors.toUnmodifiableMap(entry -> key(entry.module(), entry.name()), entry -> entry));

    private static HostImport entry(int minor, String name, String parameters, String results) {
        return new HostImport(MODULE_PREFIX + MAJOR + "." + minor, name, type(parameters, results));
    }

    private static String key(String module, String name) {
        return module + "::" + name;
    }

    static FunctionType type(String parameters, String results) {
        return FunctionType.of(types(parameters), types(results));
    }

    private static List<ValType> types(String letters) {
        return letters.chars()
                .mapToObj(letter -> letter == 'i' ? ValType.I32 : ValType.I64)
                .toList();
    }

    /** The host's function behind an import. */
    static HostImport find(String module, String name) throws InvalidModuleException {
        if (!module.startsWith(MODULE_PREFIX)) {
            throw new InvalidModuleException("the program imports " + key(module, name)
                    + "; a module may only import functions of " + MODULE_PREFIX + MAJOR + ".0 to " + MAJOR + "."
                    + MINOR_MAX);
        }
        checkVersion(module);
        HostImport found = IMPORTS.get(key(module, name));
        if (found == null) {
            throw new InvalidModuleException(
                    "the program imports " + key(module, name) + ", which does not exist" + elsewhere(name));
        }
        return found;
    }

    private static String elsewhere(String name) {
        Optional<HostImport> same = IMPORTS.values().stream()
                .filter(entry -> entry.name().equals(name))
                .findFirst();
        return same.map(entry -> "; " + name + " belongs to " + entry.module()).orElse("");
    }

    private static void checkVersion(String module) throws InvalidModuleException {
        String version = module.substring(MODULE_PREFIX.length());
        List<Integer> numbers = numbers(version);
        if (numbers.isEmpty()) {
            throw new InvalidModuleException("the program imports from " + module
                    + ", whose version is not of the form " + MODULE_PREFIX + "<major>.<minor>");
        }
        if (numbers.get(0) != MAJOR || numbers.get(1) > MINOR_MAX) {
            throw new InvalidModuleException("the program needs version " + version
                    + " of the module ABI; this host has " + MAJOR + ".0 to " + MAJOR + "." + MINOR_MAX);
        }
    }

    /** Major and minor as 16-bit numbers; empty if the text is anything else. */
    private static List<Integer> numbers(String version) {
        if (!version.matches("[0-9]{1,9}\\.[0-9]{1,9}")) {
            return Collections.emptyList();
        }
        List<Integer> numbers =
                Arrays.stream(version.split("\\.", -1)).map(Integer::valueOf).toList();
        return numbers.stream().allMatch(number -> number <= 0xffff) ? numbers : Collections.emptyList();
    }
}
