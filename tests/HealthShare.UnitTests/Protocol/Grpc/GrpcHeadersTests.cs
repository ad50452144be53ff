using FsCheck;
using FsCheck.Fluent;
using HealthShare.Fabric.Protocol.Grpc;

namespace HealthShare.UnitTests.Protocol.Grpc;

public sealed class GrpcHeadersTests
{
    [Theory]
    [InlineData(1, "1u")]
    [InlineData(10, "1u")]
    [InlineData(15_000_0000, "15000000u")]
    [InlineData(1_000_000_0000, "1000000m")]
    [InlineData(long.MaxValue, "99999999M")]
    [InlineData(-5, "1u")]
    public void A_timeout_has_at_most_eight_digits_and_is_never_cut_short(long ticks, string expected) =>
        Assert.Equal(expected, GrpcHeaders.FormatTimeout(TimeSpan.FromTicks(ticks)));

    [Fact]
    public void What_is_written_as_a_timeout_reads_back_as_no_less() =>
        Check.QuickThrowOnFailure(Prop.ForAll(ArbMap.Default.ArbFor<PositiveInt>(), number =>
        {
            var timeout = TimeSpan.FromMilliseconds(number.Get * 977L);
            return GrpcHeaders.TryParseTimeout(GrpcHeaders.FormatTimeout(timeout), out var read)
                && read >= timeout && read < timeout + TimeSpan.FromMinutes(1);
        }));

    [Fact]
    public void Any_status_text_survives_the_header() =>
        Check.QuickThrowOnFailure(Prop.ForAll(ArbMap.Default.ArbFor<string>(), any =>
        {
            var text = string.Concat((any ?? "").EnumerateRunes()); // a lone surrogate has no UTF-8 form
            var header = GrpcHeaders.EncodeMessage(text);
            return header.All(c => c is >= ' ' and <= '~') && GrpcHeaders.DecodeMessage(header) == text;
        }));

    [Fact]
    public void Any_bytes_survive_a_binary_header_padded_or_not() =>
        Check.QuickThrowOnFailure(Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
            GrpcHeaders.DecodeBinary(GrpcHeaders.EncodeBinary(bytes)).Span.SequenceEqual(bytes)
            && GrpcHeaders.DecodeBinary(Convert.ToBase64String(bytes)).Span.SequenceEqual(bytes)));
}
