# usage: watch DIR SERVER OPTION...   with the owner's pipe as standard input
# Runs the server until it ends of itself or the owner closes the pipe, by will or by death; then removes DIR in the second case.
dir=$1
shift
exec 3<&0
"$@" </dev/null >"$dir/log" 2>&1 3<&- &
server=$!
( read -r _ <&3; : >"$dir/over"; kill -9 "$server" ) >/dev/null 2>&1 &
reader=$!
exec 3<&-
trap '' PIPE # the shell remarks on a killed child, and a dead owner no longer listens
wait "$server"
if [ -e "$dir/over" ]; then
	rm -rf "$dir"
	exit 0
fi
kill "$reader"
tail -n 5 "$dir/log" >&2
exit 1
