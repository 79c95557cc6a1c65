package io.pinion.modules;

/** What kind of program a module is; the ordinal is the number the system tables store. */
public enum HostType {
    WASM,
    JS
}
