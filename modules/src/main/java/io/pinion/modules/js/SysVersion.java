package io.pinion.modules.js;

import java.util.Optional;

/** The versions of {@code spacetime:sys} and what each of them adds to the ones before. */
enum SysVersion {
    V1_0(
            "1.0",
            "register_hooks",
            "table_id_from_name",
            "index_id_from_name",
            "datastore_table_row_count",
            "datastore_table_scan_bsatn",
            "datastore_index_scan_range_bsatn",
            "datastore_delete_by_index_scan_range_bsatn",
            "row_iter_bsatn_advance",
            "row_iter_bsatn_close",
            "datastore_insert_bsatn",
            "datastore_update_bsatn",
            "datastore_delete_all_by_eq_bsatn",
            "volatile_nonatomic_schedule_immediate",
            "console_log",
            "console_timer_start",
            "console_timer_end",
            "identity",
            "get_jwt_payload"),
    V1_1("1.1", "register_hooks"),
    V1_2(
            "1.2",
            "register_hooks",
            "procedure_http_request",
            "procedure_start_mut_tx",
            "procedure_commit_mut_tx",
            "procedure_abort_mut_tx"),
    V1_3("1.3", "datastore_index_scan_point_bsatn", "datastore_delete_by_index_scan_point_bsatn"),
    V2_0(
            "2.0",
            "moduleHooks",
            "table_id_from_name",
            "index_id_from_name",
            "datastore_table_row_count",
            "datastore_table_scan_bsatn",
            "datastore_index_scan_range_bsatn",
            "datastore_delete_by_index_scan_range_bsatn",
            "datastore_index_scan_point_bsatn",
            "datastore_delete_by_index_scan_point_bsatn",
            "row_iter_bsatn_advance",
            "row_iter_bsatn_close",
            "datastore_insert_bsatn",
            "datastore_update_bsatn",
            "datastore_delete_all_by_eq_bsatn",
            "volatile_nonatomic_schedule_immediate",
            "console_log",
            "console_timer_start",
            "console_timer_end",
            "identity",
            "get_jwt_payload",
            "procedure_http_request",
            "procedure_start_mut_tx",
            "procedure_commit_mut_tx",
            "procedure_abort_mut_tx"),
    V2_1("2.1", "datastore_clear");

    static final String PREFIX = "spacetime:sys@";

    private final String number;
    private final String moduleText;

    SysVersion(String number, String... names) {
        this.number = number;
        StringBuilder text = new StringBuilder("const sys = globalThis.__pinion_sys['" + number + "'];\n");
        for (String name : names) {
            text.append("export const ")
                    .append(name)
                    .append(" = sys.")
                    .append(name)
                    .append(";\n");
        }
        this.moduleText = text.toString();
    }

    String specifier() {
        return PREFIX + number;
    }

    static Optional<SysVersion> ofSpecifier(String specifier) {
        for (SysVersion version : values()) {
            if (version.specifier().equals(specifier)) {
                return Optional.of(version);
            }
        }
        return Optional.empty();
    }

    /** The text of an ES module that exports the functions which {@code border.js} keeps for this version. */
    String moduleText() {
        return moduleText;
    }
}
