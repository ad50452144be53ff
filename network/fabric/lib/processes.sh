# shellcheck shell=bash
# Processes of a network on one machine. Each is known by its id, its start time and the boot it belongs to, so that an id
# which the system has given to somebody else since is never signalled. Sourced, not run.

# When a process started; nothing for one that has ended, also where nobody has asked yet how it ended.
start_time() { sed 's/.*) //' "/proc/$1/stat" 2> /dev/null | awk '$1 != "Z" { print $20 }'; }
boot_id() { cat /proc/sys/kernel/random/boot_id; }
pid_file() { echo "$NET_DIR/pids/$1"; }

# is_running NAME
is_running() {
    local pid started boot
    [ -f "$(pid_file "$1")" ] || return 1
    read -r pid started boot < "$(pid_file "$1")" || return 1
    [ -n "$started" ] && [ "$boot" = "$(boot_id)" ] && [ "$(start_time "$pid")" = "$started" ]
}

port_taken() { (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }

# need_ports NAME PORT...: nobody listens there yet.
need_ports() {
    local name=$1 port
    shift
    for port in "$@"; do
        ! port_taken "$port" || fail "port $port, which $name needs, is taken; stop what listens there, or choose another BASE_PORT for a new network"
    done
}

# spawn NAME COMMAND...: starts a process that outlives this one; its output goes to logs/NAME.log.
spawn() {
    local name=$1 log=$NET_DIR/logs/$1.log pid
    shift
    mkdir -p "$NET_DIR/logs" "$NET_DIR/pids"
    # A log that has grown large is kept once.
    if [ -f "$log" ] && [ "$(stat -c %s "$log")" -gt 50000000 ]; then mv "$log" "$log.1"; fi
    rm -f "$(pid_file "$name")"
    # The process writes itself down before it becomes what it is to run: a stop of this script leaves none that nobody knows.
    (
        pid=$BASHPID
        echo "$pid $(start_time "$pid") $(boot_id)" > "$(pid_file "$name").new"
        mv "$(pid_file "$name").new" "$(pid_file "$name")"
        exec setsid "$@"
    ) >> "$log" 2>&1 < /dev/null 8>&- &
    pid=$!
    disown "$pid"
    while [ ! -f "$(pid_file "$name")" ] && kill -0 "$pid" 2> /dev/null; do sleep 0.01; done
}

# stop_processes SECONDS NAME...: asks all to end, waits, and ends by force what has not.
stop_processes() {
    local seconds=$1 name pid end
    shift
    for name in "$@"; do
        if is_running "$name"; then
            read -r pid _ < "$(pid_file "$name")"
            kill -TERM "$pid" 2> /dev/null || true
        fi
    done
    end=$((SECONDS + seconds))
    for name in "$@"; do
        while is_running "$name" && [ "$SECONDS" -lt "$end" ]; do sleep 0.1; done
        if is_running "$name"; then
            read -r pid _ < "$(pid_file "$name")"
            warn "$name did not end within $seconds s and is killed"
            kill -KILL "$pid" 2> /dev/null || true
        fi
        rm -f "$(pid_file "$name")"
    done
}

# recorded_processes [PREFIX]: names of what was started and not stopped, running or not.
recorded_processes() {
    local file
    for file in "$NET_DIR/pids/${1:-}"*; do
        if [ -f "$file" ]; then basename "$file"; fi
    done
}
