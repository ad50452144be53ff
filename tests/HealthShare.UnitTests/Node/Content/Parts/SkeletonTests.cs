using System.Buffers.Binary;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using HealthShare.Node.Content.Parts;
using HealthShare.Vault;

namespace HealthShare.UnitTests.Node.Content.Parts;

/// <summary>What a content says of its parts may come from a hospital that means harm.</summary>
public sealed class SkeletonTests
{
    private const long Longest = 1 << 20;
    private static readonly PayloadForm Plain = new(PayloadEncoding.Base64);

    [Fact]
    public void What_was_taken_out_is_named_with_its_place_and_the_rest_stays()
    {
        var whole = "MSH|abcQUJDdefREVGghi"u8;
        PartPlace[] parts = [new(7, 3, Plain, "application/pdf", "OBX-5(1)"), new(14, 3, Plain, "image/png", "OBX[2]-5(1)")];
        var skeleton = Skeleton.Read(Skeleton.Write(whole, parts), Longest);
        Assert.Equal(whole.Length, skeleton.Head.Length);
        Assert.Equal(parts, skeleton.Head.Parts);
        Assert.Equal("MSH|abcdefghi"u8.ToArray(), skeleton.Rest.ToArray());
    }

    [Fact]
    public void Heads_that_do_not_add_up_are_refused()
    {
        const string good = """{"at":2,"size":3,"form":{"encoding":0},"mediaType":"application/pdf","place":"OBX-5(1)"}""";
        Skeleton.Read(Content(Head(10, good), "xxyyyy"), Longest); // 4 of 10 are the part's
        foreach (var (head, rest) in new (string, string)[]
        {
            (Head(10, good), "xxyyy"), (Head(10, good), "xxyyyyy"), (Head(10, ""), "xxyyyyyyyy"), (Head(10, "null"), "xxyyyyyyyy"),
            (Head(10, good.Replace("\"at\":2", "\"at\":-1", StringComparison.Ordinal)), "xxyyyy"),
            (Head(10, good.Replace("\"at\":2", "\"at\":7", StringComparison.Ordinal)), "xxyyyy"), // ends behind the end
            (Head(10, good.Replace("\"at\":2", "\"at\":2147483647", StringComparison.Ordinal)), "xxyyyy"),
            (Head(10, good.Replace("\"size\":3", "\"size\":0", StringComparison.Ordinal)), "xxyyyyyyyy"),
            (Head(10, good.Replace("\"size\":3", "\"size\":-3", StringComparison.Ordinal)), "xxyyyy"),
            (Head(10, good.Replace("\"size\":3", "\"size\":2147483647", StringComparison.Ordinal)), "xxyyyy"),
            (Head(int.MaxValue, good), "xxyyyy"), (Head(-1, good), "xxyyyy"),
            (Head(14, good + "," + good), "xxyyyy"), // one over the other
            (Head(14, good.Replace("\"at\":2", "\"at\":8", StringComparison.Ordinal) + "," + good), "xxyyyy"), // out of order
            (Head(10, good.Replace("{\"encoding\":0}", "{\"encoding\":7}", StringComparison.Ordinal)), "xxyyyy"),
            (Head(10, good.Replace("{\"encoding\":0}", "{\"encoding\":0,\"line\":-1}", StringComparison.Ordinal)), "xxyyyy"),
            (Head(10, good.Replace("{\"encoding\":0}", "{\"encoding\":0,\"line\":4,\"break\":\"\"}", StringComparison.Ordinal)), "xxyyyy"),
            (Head(10, good.Replace("{\"encoding\":0}", "{\"encoding\":0,\"endsInBreak\":true}", StringComparison.Ordinal)), "xxyyyy"),
            (Head(10, good.Replace("{\"encoding\":0}", "{\"encoding\":0,\"line\":4}", StringComparison.Ordinal)), "xxyyyy"),
            (Head(10, good.Replace("{\"encoding\":0}", "{}", StringComparison.Ordinal)), "xxyyyy"),
            (Head(10, good.Replace("{\"encoding\":0}", "null", StringComparison.Ordinal)), "xxyyyy"),
            (Head(10, good.Replace("application/pdf", "text/html; x", StringComparison.Ordinal)), "xxyyyy"),
            (Head(10, good.Replace("application/pdf", "", StringComparison.Ordinal)), "xxyyyy"),
            (Head(10, good.Replace("OBX-5(1)", "a\\nb", StringComparison.Ordinal)), "xxyyyy"),
            (Head(10, good.Replace("\"size\"", "\"sizes\"", StringComparison.Ordinal)), "xxyyyy"),
            ("""{"length":10}""", "xxyyyyyyyy"), ("""{"parts":[]}""", "xxyyyyyyyy"), ("[]", ""), ("null", ""), ("{", ""), ("", ""),
            (Head(4 * 100, string.Join(',', Enumerable.Range(0, 100).Select(i => good.Replace("\"at\":2", $"\"at\":{4 * i}", StringComparison.Ordinal)))), ""),
        })
            Assert.Equal("record.parts_malformed", Assert.Throws<VaultException>(() => Skeleton.Read(Content(head, rest), Longest)).Code);
        Assert.Throws<VaultException>(() => Skeleton.Read(Content(Head(10, good), "xxyyyy"), 9)); // longer than is read at all
    }

    [Fact]
    public void A_content_that_is_none_is_refused_wherever_it_is_cut_or_changed()
    {
        byte[] whole = [.. "MSH|abcQUJDdef"u8];
        var good = Skeleton.Write(whole, [new(7, 3, Plain, "application/pdf", "OBX-5(1)")]);
        for (var length = 0; length < good.Length; length++)
            Assert.Throws<VaultException>(() => Skeleton.Read(good.AsMemory(0, length), Longest));
        Assert.Throws<VaultException>(() => Skeleton.Read(whole, Longest));
        for (var at = 0; at < good.Length; at++)
        {
            foreach (var value in (byte[])[0, 0x7F, 0xFF, (byte)(good[at] ^ 1)])
            {
                var changed = good.ToArray();
                changed[at] = value;
                OnlyRefuses(changed);
            }
        }
    }

    [Fact]
    public void Whatever_bytes_come_reading_ends_without_another_exception() => Check.QuickThrowOnFailure(Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(), bytes => OnlyRefuses([.. "HSSK\u0001\0\0\0\0\0\0\u0008"u8, .. bytes])));

    private static bool OnlyRefuses(byte[] bytes)
    {
        try
        {
            Skeleton.Read(bytes, Longest);
        }
        catch (VaultException)
        {
            // As it should be.
        }
        return true;
    }

    private static string Head(int length, string parts) => $$"""{"length":{{length}},"parts":[{{parts}}]}""";

    private static byte[] Content(string head, string rest)
    {
        var json = Encoding.UTF8.GetBytes(head);
        var prefix = new byte[12];
        "HSSK\u0001\0\0\0"u8.CopyTo(prefix);
        BinaryPrimitives.WriteInt32BigEndian(prefix.AsSpan(8), json.Length);
        return [.. prefix, .. json, .. Encoding.UTF8.GetBytes(rest)];
    }
}
