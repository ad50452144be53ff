using System.Buffers.Text;
using System.Text;
using HealthShare.Policy.Ids;

namespace HealthShare.UnitTests.Policy;

public sealed class IdTests
{
    [Fact]
    public void An_id_is_lower_case_base32_behind_its_prefix()
    {
        // RFC 4648's alphabet: "1234567890123456" in base32 without padding, in lower case.
        Assert.Equal("rc-gezdgnbvgy3tqojqgezdgnbvgy", LedgerId.From(IdKind.Record, "1234567890123456"u8));
        Assert.Equal("pt-aaaaaaaaaaaaaaaaaaaaaaaaaa", LedgerId.From(IdKind.Patient, new byte[16]));
        Assert.Equal("ac-77777777777777777777777774", LedgerId.From(IdKind.Access, Enumerable.Repeat((byte)255, 16).ToArray()));
    }

    [Fact]
    public void New_ids_are_valid_for_their_kind_only_and_differ()
    {
        foreach (var kind in Enum.GetValues<IdKind>())
        {
            var id = LedgerId.New(kind);
            Assert.All(Enum.GetValues<IdKind>(), other => Assert.Equal(other == kind, LedgerId.IsValid(other, id)));
            Assert.NotEqual(id, LedgerId.New(kind));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("pt-")]
    [InlineData("pt-gezdgnbvgy3tqojqgezdgnbvg")]
    [InlineData("pt-gezdgnbvgy3tqojqgezdgnbvgyy")]
    [InlineData("pt-GEZDGNBVGY3TQOJQGEZDGNBVGY")]
    [InlineData("pt-gezdgnbvgy3tqojqgezdgnbvgz")] // the same 128 bits with a stray bit set
    [InlineData("pt-gezdgnbvgy3tqojqgezdgnbv1y")]
    [InlineData("pt-gezdgnbvgy3tqojqgezdgnbv\u0000y")]
    public void A_malformed_id_is_not_valid(string? id) => Assert.False(LedgerId.IsValid(IdKind.Patient, id));

    [Fact]
    public void A_token_is_the_first_half_of_an_hmac_over_dimension_and_code()
    {
        var key = Encoding.ASCII.GetBytes("0123456789abcdef0123456789abcdef");
        // Computed with: printf 'label|HIV' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
        Assert.Equal(ExpectedLabelToken, Token.Compute(key, TokenDimension.Label, "HIV"));
        Assert.True(Token.IsValid(ExpectedLabelToken));
        Assert.NotEqual(ExpectedLabelToken, Token.Compute(key, TokenDimension.Category, "HIV"));
        Assert.Throws<ArgumentException>(() => Token.Compute(key.AsSpan(1), TokenDimension.Label, "HIV"));
        Assert.Throws<ArgumentException>(() => Token.Compute(key, TokenDimension.Label, ""));
    }

    [Theory]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA", true)]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAB", false)] // unused bits set
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA==", false)]
    [InlineData("AAAAAAAAAAAAAAAAAAAAA", false)]
    [InlineData(" AAAAAAAAAAAAAAAAAAAAAA", false)]
    [InlineData("AAAAAAAAAAAAAAAAAAAA+A", false)]
    [InlineData(null, false)]
    public void A_token_has_one_spelling(string? token, bool valid) => Assert.Equal(valid, Token.IsValid(token));

    [Fact]
    public void Base64url_round_trips_and_obeys_its_limit()
    {
        for (var length = 0; length < 70; length++)
        {
            var bytes = Enumerable.Range(0, length).Select(i => (byte)(i * 37)).ToArray();
            var text = Base64Url.EncodeToString(bytes);
            Assert.True(StrictBase64Url.TryDecode(text, length, out var decoded));
            Assert.Equal(bytes, decoded);
            Assert.False(length > 0 && StrictBase64Url.TryDecode(text, length - 1, out _));
        }
    }

    [Theory]
    [InlineData("2026-03-01T08:00:00Z", true)]
    [InlineData("2026-03-01T08:00:00.0Z", false)]
    [InlineData("2026-03-01T08:00:00+00:00", false)]
    [InlineData("2026-03-01T08:00:60Z", false)]
    [InlineData("2026-02-29T08:00:00Z", false)]
    [InlineData("2026-3-1T08:00:00Z", false)]
    [InlineData(" 2026-03-01T08:00:00Z", false)]
    [InlineData("2026-03-01t08:00:00z", false)]
    [InlineData(null, false)]
    public void A_time_has_one_form(string? text, bool valid)
    {
        Assert.Equal(valid, LedgerTime.TryParse(text, out var time));
        if (valid)
            Assert.Equal(text, LedgerTime.Format(time));
    }

    private const string ExpectedLabelToken = "VPs63cAbz7_aMNx8Nnx8LQ";
}
