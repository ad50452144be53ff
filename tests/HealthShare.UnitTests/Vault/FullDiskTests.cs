using System.Security.Cryptography;
using HealthShare.UnitTests.Support;
using HealthShare.Vault.Content;

namespace HealthShare.UnitTests.Vault;

/// <summary>A disk without a byte left: what was stored stays, what was not is refused, and nothing has to be started again.</summary>
public sealed class FullDiskTests
{
    [SmallDiskFact]
    public async Task Contents_are_refused_while_the_disk_is_full_and_taken_again_when_there_is_room()
    {
        using var disk = new SmallDisk(24 * 1024 * 1024);
        var stored = new Dictionary<string, byte[]>();
        using (var store = Open(disk))
        {
            await PutAsync(store, stored, 60);
            disk.Fill();
            Assert.True(await PutAsync(store, stored, 60) > 0);
            Assert.True(await PutAsync(store, stored, 4, size: ContentLog.MostBytes * 2) > 0); // past the log
            await AllThereAsync(store, stored);
            disk.Free();
            Assert.Equal(0, await PutAsync(store, stored, 60));
            disk.Fill();
            await PutAsync(store, stored, 20);
        }
        disk.Free();
        using var later = Open(disk);
        await AllThereAsync(later, stored);
    }

    // Without the files of contents what the log acknowledged is all there is, as after a power failure.
    [SmallDiskFact]
    public async Task What_was_stored_before_behind_and_after_a_full_disk_comes_back_from_the_log()
    {
        using var disk = new SmallDisk(24 * 1024 * 1024);
        var stored = new Dictionary<string, byte[]>();
        using (var store = Open(disk))
        {
            await PutAsync(store, stored, 30);
            disk.Fill();
            Assert.True(await PutAsync(store, stored, 30) > 0);
            disk.Free();
            Assert.Equal(0, await PutAsync(store, stored, 30));
        }
        foreach (var file in Directory.GetFiles(Path.Combine(disk.Path, "content", "objects"), "*", SearchOption.AllDirectories))
            File.Delete(file);
        using var later = Open(disk);
        await AllThereAsync(later, stored);
    }

    private static EmbeddedContentStore Open(SmallDisk disk) => EmbeddedContentStore.Open(new() { Folder = Path.Combine(disk.Path, "content") });

    // How many were refused; the others are noted.
    private static async Task<int> PutAsync(EmbeddedContentStore store, Dictionary<string, byte[]> stored, int count, int size = 20_000)
    {
        var refused = 0;
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ => Task.Run(async () =>
        {
            var content = RandomNumberGenerator.GetBytes(size);
            try
            {
                var one = await store.PutAsync(new MemoryStream(content), CancellationToken.None);
                lock (stored)
                    stored.Add(one.Cid.ToString(), content);
            }
            catch (IOException)
            {
                Interlocked.Increment(ref refused);
            }
        })));
        return refused;
    }

    private static async Task AllThereAsync(EmbeddedContentStore store, Dictionary<string, byte[]> stored)
    {
        Assert.NotEmpty(stored);
        foreach (var (cid, content) in stored)
        {
            await using var stream = await store.OpenAsync(Cid.Parse(cid), CancellationToken.None);
            using var read = new MemoryStream();
            await stream.CopyToAsync(read);
            Assert.Equal(content, read.ToArray());
        }
    }
}
