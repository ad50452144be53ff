using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using HealthShare.DevLedger.State;

namespace HealthShare.UnitTests.DevLedger;

public sealed class StateTests
{
    private static readonly SpaceName Space = SpaceName.Public("asset");

    [Fact]
    public void Keys_are_ordered_by_their_UTF8_bytes()
    {
        string[] keys = ["", "a", "ab", "b", "\u0000x", "\uFFFD", "\U0001F600", "é", "\uD7FF", "\uE000", "\U0010FFFF"];
        var expected = keys.OrderBy(key => Convert.ToHexString(Encoding.UTF8.GetBytes(key)), StringComparer.Ordinal);
        Assert.Equal(expected, keys.Order(KeyOrder.Utf8));
    }

    [Fact]
    public void A_range_holds_what_a_sorted_list_would() => Prop.ForAll<string[], string, string>((keys, start, end) =>
    {
        var known = keys.Append("m").Select(Clean).Where(key => key.Length > 0).Distinct().ToList();
        var space = known.Aggregate(StateSpace.Empty, (space, key) => space.Set(Entry(key)));
        (start, end) = (Clean(start), Clean(end));
        var expected = known.Where(key => KeyOrder.Utf8.Compare(key, start) >= 0
            && (end.Length == 0 || KeyOrder.Utf8.Compare(key, end) < 0)).Order(KeyOrder.Utf8);
        return expected.SequenceEqual(space.Range(start, end).Select(entry => entry.Key));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_reader_keeps_the_state_it_began_with()
    {
        var before = WorldState.Empty.With(Write("a", "1"));
        var after = before.With(Write("a", "2")).With(Write("b", "1"));
        Assert.Equal("1", before.Space(Space).Get("a")!.Value.ToStringUtf8());
        Assert.Null(before.Space(Space).Get("b"));
        Assert.Equal("2", after.Space(Space).Get("a")!.Value.ToStringUtf8());
        Assert.Null(after.With(Write("a", null)).Space(Space).Get("a"));
    }

    [Fact]
    public void The_end_of_a_range_belongs_to_it_only_where_asked()
    {
        var space = StateSpace.Empty.Set(Entry("a")).Set(Entry("b")).Set(Entry("c"));
        Assert.Equal(["a"], space.Range("a", "b").Select(entry => entry.Key));
        Assert.Equal(["a", "b"], space.Range("a", "b", includeEnd: true).Select(entry => entry.Key));
        Assert.Equal(["b", "c"], space.Range("aa", "").Select(entry => entry.Key));
    }

    internal static StateWrite Write(string key, string? value, ulong block = 1, ulong transaction = 0) => new(
        Space, key, value is null ? null : ByteString.CopyFromUtf8(value), new StateVersion(block, transaction));

    private static StateEntry Entry(string key) => new(key, ByteString.Empty, default);

    // Lone surrogates are no text: protobuf would not carry them.
    private static string Clean(string? key) => new([.. (key ?? "").Where(c => !char.IsSurrogate(c))]);
}
