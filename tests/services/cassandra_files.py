"""What a Cassandra 5 node reads at its start: sized for tests, several on one machine, no durability promised."""

from pathlib import Path

VERSION = "5.0.8"

POM = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>cassandra-server</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>org.apache.cassandra</groupId><artifactId>cassandra-all</artifactId><version>{VERSION}</version>
  </dependency></dependencies>
</project>
"""

RACK = "dc=datacenter1\nrack=rack1\n"

_YAML = """\
cluster_name: vectorshift-tests
num_tokens: 4
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
endpoint_snitch: GossipingPropertyFileSnitch
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters: [{{seeds: "127.0.0.1:{storage_port}"}}]
listen_address: {address}
storage_port: {storage_port}
rpc_address: {address}
native_transport_port: {port}
commitlog_sync: periodic
commitlog_sync_period: 10000ms
commitlog_segment_size: 8MiB
data_file_directories: [{home}/data]
commitlog_directory: {home}/commitlog
saved_caches_directory: {home}/saved_caches
hints_directory: {home}/hints
cdc_raw_directory: {home}/cdc
concurrent_reads: 8
concurrent_writes: 8
memtable_heap_space: 64MiB
memtable_offheap_space: 64MiB
file_cache_size: 32MiB
auto_snapshot: false
"""

_LOGBACK = """\
<configuration>
  <appender name="file" class="ch.qos.logback.core.FileAppender">
    <file>{home}/system.log</file>
    <encoder><pattern>%-5level %date{{ISO8601}} %msg%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="file"/></root>
</configuration>
"""

# The modules JDK 17 must open to Cassandra, from conf/jvm17-server.options of its release.
_EXPORTS = (
    "java.base/jdk.internal.misc",
    "java.base/java.lang.ref",
    "java.management.rmi/com.sun.jmx.remote.internal.rmi",
    "java.rmi/sun.rmi.registry",
    "java.rmi/sun.rmi.server",
    "java.sql/java.sql",
    "jdk.unsupported/sun.misc",
    "jdk.compiler/com.sun.tools.javac.file",
    "jdk.attach/sun.tools.attach",
)
_OPENS = (
    "java.base/java.lang",
    "java.base/java.lang.module",
    "java.base/java.lang.reflect",
    "java.base/java.io",
    "java.base/java.net",
    "java.base/java.nio",
    "java.base/java.util",
    "java.base/java.util.concurrent",
    "java.base/java.util.concurrent.atomic",
    "java.base/sun.nio.ch",
    "java.base/jdk.internal.loader",
    "java.base/jdk.internal.ref",
    "java.base/jdk.internal.reflect",
    "java.base/jdk.internal.math",
    "java.base/jdk.internal.module",
    "java.base/jdk.internal.util.jar",
    "jdk.management/com.sun.management.internal",
)


def write(home: Path, *, address: str, port: int, storage_port: int) -> None:
    """Put the node's configuration into ``home``, where its data goes too."""
    home.mkdir(parents=True, exist_ok=True)
    values = {"home": home, "address": address, "port": port, "storage_port": storage_port}
    (home / "cassandra.yaml").write_text(_YAML.format(**values))
    (home / "logback.xml").write_text(_LOGBACK.format(**values))
    (home / "cassandra-rackdc.properties").write_text(RACK)


def command(home: Path, jars: Path, *, heap: str, first: bool) -> list[str]:
    """The java command of the node whose configuration is in ``home``; ``heap`` as java takes it, 512M at least."""
    properties = {
        "jdk.attach.allowAttachSelf": "true",
        "io.netty.tryReflectionSetAccessible": "true",
        "java.io.tmpdir": home,
        "logback.configurationFile": home / "logback.xml",
        "cassandra.config": f"file://{home}/cassandra.yaml",
        "cassandra.storagedir": home,
        "cassandra.superuser_setup_delay_ms": 0,
        # Without this a lone node waits 30 s for a ring that does not exist.
        "cassandra.ring_delay_ms": 2000,
        "cassandra.consistent.rangemovement": "false",
    }
    if first:
        properties["cassandra.skip_wait_for_gossip_to_settle"] = 0
    return [
        "java",
        f"-javaagent:{next(jars.glob('jamm-*.jar'))}",
        *(f"-Xms{heap}", f"-Xmx{heap}", "-Xss512k", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError"),
        *(f"-D{name}={value}" for name, value in properties.items()),
        *(part for name in _EXPORTS for part in ("--add-exports", f"{name}=ALL-UNNAMED")),
        *(part for name in _OPENS for part in ("--add-opens", f"{name}=ALL-UNNAMED")),
        *("-cp", f"{home}:{jars}/*", "org.apache.cassandra.service.CassandraDaemon"),
    ]
