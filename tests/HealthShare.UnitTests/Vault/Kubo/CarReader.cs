using HealthShare.Vault.Content;

namespace HealthShare.UnitTests.Vault.Kubo;

/// <summary>Reads CAR version 1 by its specification, and refuses what a strict daemon would.</summary>
internal static class CarReader
{
    public static async Task<List<Cid>> ReadAsync(Stream car, Action<Cid, byte[]> onBlock, CancellationToken ct)
    {
        var roots = RootsOf(await SectionAsync(car, ct) ?? throw new InvalidDataException("a CAR begins with a header"));
        while (await SectionAsync(car, ct) is { } section)
        {
            if (!Cid.TryRead(section.AsSpan(0, Cid.Size), out var cid) || !cid.Matches(section.AsSpan(Cid.Size)))
                throw new InvalidDataException("mismatch in content integrity");
            onBlock(cid, section[Cid.Size..]);
        }
        return roots;
    }

    private static List<Cid> RootsOf(byte[] header)
    {
        var reader = new System.Formats.Cbor.CborReader(header, System.Formats.Cbor.CborConformanceMode.Canonical);
        var roots = new List<Cid>();
        Assert.Equal(2, reader.ReadStartMap());
        Assert.Equal("roots", reader.ReadTextString());
        for (var left = reader.ReadStartArray()!.Value; left > 0; left--)
        {
            Assert.Equal(42UL, (ulong)reader.ReadTag());
            var link = reader.ReadByteString();
            Assert.Equal(0, link[0]);
            Assert.True(Cid.TryRead(link.AsSpan(1), out var cid));
            roots.Add(cid);
        }
        reader.ReadEndArray();
        Assert.Equal("version", reader.ReadTextString());
        Assert.Equal(1, reader.ReadInt32());
        reader.ReadEndMap();
        return roots;
    }

    private static async Task<byte[]?> SectionAsync(Stream car, CancellationToken ct)
    {
        long length = 0;
        var one = new byte[1];
        for (var shift = 0; ; shift += 7)
        {
            if (await car.ReadAsync(one, ct) == 0)
                return shift == 0 ? null : throw new InvalidDataException("unexpected EOF");
            length |= (long)(one[0] & 0x7F) << shift;
            if (one[0] < 0x80)
                break;
        }
        var section = new byte[length];
        await car.ReadExactlyAsync(section, ct);
        return section;
    }
}
