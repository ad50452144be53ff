using System.Globalization;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;

namespace HealthShare.Fabric.Client.Verification;

/// <summary>
/// Blocks in a folder: a block file of ours, or one file per block (<c>0.block</c>, <c>1.block</c>, …) as
/// <c>peer channel fetch</c> writes them.
/// </summary>
public sealed class StoredBlocks : IDisposable
{
    private readonly BlockFileReader? file;
    private readonly string folder;

    /// <summary>Opens a folder.</summary>
    /// <exception cref="BlockFileException">The block file holds something that it should not.</exception>
    /// <exception cref="IOException">The folder holds no blocks, or cannot be read.</exception>
    public StoredBlocks(string folder)
    {
        this.folder = folder;
        if (BlockFileReader.ExistsIn(folder))
        {
            file = new BlockFileReader(folder);
            Height = file.Height;
            return;
        }
        var numbers = Directory.EnumerateFiles(folder, "*.block")
            .Select(path => ulong.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture,
                out var number) ? number : (ulong?)null)
            .OfType<ulong>().ToList();
        if (numbers.Count == 0)
            throw new FileNotFoundException(
                $"The folder holds neither {BlockFileReader.FileName} nor files called 0.block, 1.block and so on.");
        Height = numbers.Max() + 1;
    }

    /// <summary>Number of blocks, by the highest number.</summary>
    public ulong Height { get; }

    /// <summary>Reads the blocks in order.</summary>
    /// <exception cref="BlockFileException">Thrown while enumerating, at a block that is missing or cannot be read.</exception>
    public IEnumerable<Block> ReadAll() => file?.ReadFrom() ?? ReadFiles();

    /// <inheritdoc/>
    public void Dispose() => file?.Dispose();

    private IEnumerable<Block> ReadFiles()
    {
        for (var number = 0UL; number < Height; number++)
            yield return ReadFile(number);
    }

    private Block ReadFile(ulong number)
    {
        try
        {
            return Block.Parser.Read(File.ReadAllBytes(Path.Combine(folder, $"{number}.block")).AsMemory(), "block");
        }
        catch (FabricDataException e)
        {
            throw new BlockFileException(number, 0, e.Message.TrimEnd('.'));
        }
        catch (FileNotFoundException)
        {
            throw new BlockFileException(number, 0, "its file is missing");
        }
    }
}
