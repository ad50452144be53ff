namespace HealthShare.Vault.Content.Kubo;

/// <summary>A verified node of a file: its parts, in order, and where in the node's bytes of the file each ends.</summary>
internal sealed class FileNode
{
    /// <summary>More than any layout makes; a longer list is refused before it is held.</summary>
    private const int MaxLinks = 8192;

    private const long MaxLength = 1L << 50;
    private const ulong FileType = 2; // UnixFS type File

    private readonly List<Cid> parts = [];
    private readonly List<long> ends = [];

    private FileNode()
    {
    }

    /// <summary>Bytes of the file under this node.</summary>
    public long Length => ends[^1];

    /// <summary>Finds the part that holds a byte.</summary>
    /// <returns>The part, its first byte's place under this node, and its length.</returns>
    public (Cid Cid, long Start, long Length) PartAt(long position)
    {
        var found = ends.BinarySearch(position + 1); // the first end beyond the position
        var part = found < 0 ? ~found : found;
        var start = part == 0 ? 0 : ends[part - 1];
        return (parts[part], start, ends[part] - start);
    }

    /// <summary>Decodes a dag-pb block around UnixFS data, as this project writes them: links first, no bytes of its own, every length given.</summary>
    /// <returns>Null for anything else. Memory is bounded by the block's length; nothing recurses.</returns>
    public static FileNode? Decode(ReadOnlySpan<byte> block)
    {
        var node = new FileNode();
        var reader = new ProtoReader(block);
        while (!reader.AtEnd)
        {
            if (!reader.TryField(out var field, out var value, out var bytes) || value is not null)
                return null;
            switch (field)
            {
                case 2 when node.ends.Count == 0 && node.parts.Count < MaxLinks && ReadLink(bytes) is { } part:
                    node.parts.Add(part);
                    break;
                case 1 when node.ends.Count == 0 && node.ReadData(bytes):
                    break;
                default:
                    return null;
            }
        }
        return node.ends.Count > 0 ? node : null;
    }

    private static Cid? ReadLink(ReadOnlySpan<byte> link)
    {
        Cid? cid = null;
        for (var reader = new ProtoReader(link); !reader.AtEnd;)
        {
            if (!reader.TryField(out var field, out _, out var bytes) || field is < 1 or > 3)
                return null;
            if (field == 1 && !Cid.TryRead(bytes, out cid))
                return null;
        }
        return cid;
    }

    private bool ReadData(ReadOnlySpan<byte> data)
    {
        ulong? type = null, announced = null;
        long total = 0;
        for (var reader = new ProtoReader(data); !reader.AtEnd;)
        {
            if (!reader.TryField(out var field, out var value, out _) || value is not { } number)
                return false;
            switch (field)
            {
                case 1:
                    type = number;
                    break;
                case 3:
                    announced = number;
                    break;
                case 4 when number is > 0 and <= MaxLength && ends.Count < parts.Count && total + (long)number <= MaxLength:
                    ends.Add(total += (long)number);
                    break;
                default:
                    return false;
            }
        }
        return type == FileType && announced == (ulong)total && ends.Count == parts.Count && parts.Count > 0;
    }

    /// <summary>Reads protobuf fields of the two kinds that occur: numbers and byte strings.</summary>
    private ref struct ProtoReader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> rest = bytes;

        public readonly bool AtEnd => rest.IsEmpty;

        public bool TryField(out int field, out ulong? value, out ReadOnlySpan<byte> content)
        {
            (field, value) = (0, null);
            content = default;
            if (!TryVarint(out var tag) || tag >> 3 is 0 or > 15)
                return false;
            field = (int)(tag >> 3);
            if (!TryVarint(out var number))
                return false;
            if ((tag & 7) == 0)
            {
                value = number;
                return true;
            }
            if ((tag & 7) != 2 || number > (ulong)rest.Length)
                return false;
            content = rest[..(int)number];
            rest = rest[(int)number..];
            return true;
        }

        private bool TryVarint(out ulong value)
        {
            value = 0;
            for (var i = 0; i < Math.Min(9, rest.Length); i++)
            {
                value |= (ulong)(rest[i] & 0x7F) << (7 * i);
                if (rest[i] < 0x80)
                {
                    rest = rest[(i + 1)..];
                    return true;
                }
            }
            return false;
        }
    }
}
