using System.Text;
using FsCheck;
using FsCheck.Fluent;
using HealthShare.Chaincode.Shim;
using HealthShare.Chaincode.Shim.Testing;

namespace HealthShare.UnitTests.Chaincode.Shim;

public sealed class CompositeKeyTests
{
    private static readonly Gen<string> Component = Gen.Choose(1, 0x10FFFE)
        .Where(rune => rune is < 0xD800 or > 0xDFFF)
        .Select(rune => new Rune(rune).ToString())
        .ArrayOf().Select(string.Concat);

    [Fact]
    public void A_key_splits_into_what_it_was_made_of() =>
        Prop.ForAll(Component.Where(type => type.Length > 0).ToArbitrary(), Component.ArrayOf().ToArbitrary(), (type, parts) =>
        {
            var (objectType, split) = CompositeKey.Split(CompositeKey.Make(type, parts));
            return objectType == type && split.SequenceEqual(parts);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Different_parts_give_different_keys() =>
        Prop.ForAll(Component.ArrayOf().ToArbitrary(), Component.ArrayOf().ToArbitrary(), (left, right) =>
            left.SequenceEqual(right) == (CompositeKey.Make("t", left) == CompositeKey.Make("t", right))).QuickCheckThrowOnFailure();

    [Fact]
    public void A_range_of_leading_parts_holds_exactly_the_keys_that_begin_with_them() =>
        Prop.ForAll(Component.ArrayOf().ToArbitrary(), Component.ArrayOf().ToArbitrary(), (parts, sought) =>
        {
            var (start, end) = CompositeKey.RangeOf("t", sought);
            var key = CompositeKey.Make("t", parts);
            var inside = Utf8KeyComparer.Instance.Compare(start, key) <= 0 && Utf8KeyComparer.Instance.Compare(key, end) < 0;
            return inside == (parts.Length >= sought.Length && parts.Take(sought.Length).SequenceEqual(sought));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Keys_are_ordered_as_their_bytes_are() =>
        Prop.ForAll(Component.ToArbitrary(), Component.ToArbitrary(), (left, right) =>
            Math.Sign(Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right)))
                == Math.Sign(Utf8KeyComparer.Instance.Compare(left, right))).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("", "a")]
    [InlineData("t", "a\0b")]
    [InlineData("t", "a\U0010FFFF")]
    [InlineData("t\0", "a")]
    public void A_component_with_a_reserved_character_is_refused(string type, string part) =>
        Assert.Equal("key.invalid", Assert.Throws<ContractException>(() => CompositeKey.Make(type, part)).Code);

    [Fact]
    public void Half_a_surrogate_pair_is_refused() =>
        Assert.Equal("key.invalid", Assert.Throws<ContractException>(() => CompositeKey.Make("t", "a\uD800b")).Code);

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("\0")]
    [InlineData("\0\0")]
    [InlineData("\0type")]
    public void A_plain_key_does_not_split(string key) =>
        Assert.Equal("key.invalid", Assert.Throws<ContractException>(() => CompositeKey.Split(key)).Code);
}
