using System.IO.Compression;
using HealthShare.Fabric.Protocol.Common;

namespace HealthShare.UnitTests.Support;

/// <summary>
/// The blocks of a channel as a Fabric 2.5.4 peer committed them: three members, one Raft orderer, two chaincodes, with MVCC
/// and phantom conflicts, private data, key-level policies, failed endorsement policies, a transaction sent twice, a change of a
/// chaincode's policy and two changes of the channel's configuration.
/// </summary>
public static class FabricBlocks
{
    private static readonly Lazy<byte[][]> All = new(() =>
    {
        using var archive = ZipFile.OpenRead(Path.Combine(
            SharedData.RepositoryRoot, "tests", "HealthShare.UnitTests", "Protocol", "Data", "fabric-2.5.4-blocks.zip"));
        return
        [
            .. Enumerable.Range(0, archive.Entries.Count).Select(number =>
            {
                using var entry = archive.GetEntry($"{number}.block")!.Open();
                using var bytes = new MemoryStream();
                entry.CopyTo(bytes);
                return bytes.ToArray();
            }),
        ];
    });

    public static int Count => All.Value.Length;

    /// <summary>A block of its own for the caller, who may change it.</summary>
    public static Block Read(int number) => Block.Parser.ParseFrom(All.Value[number]);

    public static IEnumerable<Block> ReadAll() => Enumerable.Range(0, Count).Select(Read);

    public static byte[] Bytes(int number) => [.. All.Value[number]];
}
