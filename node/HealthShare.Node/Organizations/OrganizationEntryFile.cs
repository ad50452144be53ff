using System.Text.Json;
using HealthShare.Chaincode.Ledger;

namespace HealthShare.Node.Organizations;

/// <summary>A member's entry as a file that members hand to each other. It holds nothing secret.</summary>
internal static class OrganizationEntryFile
{
    private const int LongestFile = 64 * 1024;

    public static string Write(OrganizationEntry entry) => JsonSerializer.Serialize(entry, LedgerJson.Default.OrganizationEntry);

    /// <summary>Writes a file, replacing one that is there only when the new one is complete.</summary>
    public static async Task ReplaceAsync(FileInfo file, string entry, CancellationToken ct)
    {
        var incomplete = file.FullName + ".new";
        await File.WriteAllTextAsync(incomplete, entry + Environment.NewLine, ct);
        File.Move(incomplete, file.FullName, overwrite: true);
    }

    /// <summary>Reads the founders' files.</summary>
    /// <exception cref="InvalidDataException">A file is not an entry; the message names it.</exception>
    /// <exception cref="IOException">A file is absent or cannot be read.</exception>
    public static async Task<IReadOnlyList<OrganizationEntry>> ReadAllAsync(IEnumerable<FileInfo> files, CancellationToken ct)
    {
        var entries = new List<OrganizationEntry>();
        foreach (var file in files)
            entries.Add(await ReadAsync(file, ct));
        return entries;
    }

    private static async Task<OrganizationEntry> ReadAsync(FileInfo file, CancellationToken ct)
    {
        try
        {
            if (file.Length > LongestFile)
                throw new InvalidDataException($"'{file.FullName}' is longer than {LongestFile} bytes: it holds no member's entry.");
            return JsonSerializer.Deserialize(await File.ReadAllBytesAsync(file.FullName, ct), LedgerJson.Default.OrganizationEntry)
                ?? throw new InvalidDataException($"'{file.FullName}' holds no member's entry.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{file.FullName}' holds no member's entry: {e.Message}", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"'{file.FullName}' cannot be read: {e.Message}", e);
        }
    }
}
