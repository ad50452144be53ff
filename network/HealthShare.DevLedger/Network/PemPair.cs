using System.Text;
using HealthShare.Fabric.Protocol;

namespace HealthShare.DevLedger.Network;

/// <summary>A certificate and its private key in PEM.</summary>
internal sealed record PemPair(string Certificate, string Key)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static string CertificateFile(string folder) => Path.Combine(folder, "cert.pem");

    public static string KeyFile(string folder) => Path.Combine(folder, "key.pem");

    /// <summary>Whether a folder holds a pair.</summary>
    public static bool ExistsIn(string folder) => File.Exists(CertificateFile(folder));

    public static PemPair Load(string folder) =>
        new(File.ReadAllText(CertificateFile(folder)), File.ReadAllText(KeyFile(folder)));

    /// <summary>Writes the pair, the key readable by its owner only; the certificate, written last, makes it complete.</summary>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        Write(KeyFile(folder), Key, OwnerOnly);
        Write(CertificateFile(folder), Certificate, OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        FolderSync.Flush(folder);
    }

    private static void Write(string file, string text, UnixFileMode mode)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;
        var draft = file + ".new";
        File.Delete(draft);
        using (var stream = new FileStream(draft, options))
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true); // the channel's blocks name these certificates for good
        }
        File.Move(draft, file, overwrite: true);
    }
}
