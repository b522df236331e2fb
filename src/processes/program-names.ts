/**
 * The names of the programs in the list of `shared-programs.ts`, as their processes are called, in lower case and without
 * `.exe`. Names come from the packages and desktop entries of Debian, Arch, Fedora, Flathub, Homebrew and winget.
 *
 * Left out on purpose: `electron` (under a service it is the project's own app in development; finished apps have names of
 * their own), interpreters, and names that servers also have (`min`, `arc`, `goose`).
 */
export const PROGRAMS = {
  browser: names(`
    chrome, google-chrome, google-chrome-stable, google-chrome-beta, google-chrome-unstable, google chrome, chrome_crashpad,
    chrome_crashpad_handler, chromium, chromium-browser, chromium-freeworld, ungoogled-chromium,
    thorium, thorium-browser, cromite, brave, brave-browser, brave-browser-stable, brave-browser-beta, brave-browser-nightly,
    brave browser, brave-origin, opera, opera-stable, opera-beta, opera-developer, opera-gx, operagx, vivaldi, vivaldi-bin,
    vivaldi-stable, vivaldi-snapshot, msedge, microsoft-edge, microsoft-edge-stable, microsoft-edge-beta, microsoft-edge-dev,
    microsoft edge, yandex_browser, yandex-browser, yandex-browser-stable, naver-whale, naver-whale-stable, slimjet, iridium,
    iridium-browser, supermium, firefox, firefox-bin, firefox-esr, firefox-devedition, firefox-developer-edition, firefox-nightly,
    firefox-trunk, librewolf, librewolf-bin, waterfox, waterfox-bin, waterfox-current, floorp, floorp-bin, zen, zen-bin, zen-browser,
    zen browser, cachy-browser, mullvad-browser, mullvadbrowser, mullvadbrowser.real, tor-browser, torbrowser-launcher, firefox.real,
    tor browser, icecat, abrowser, iceweasel, palemoon, palemoon-bin, basilisk-bin, seamonkey, seamonkey-bin, k-meleon, safari,
    arc browser, orion browser, iexplore, epiphany, epiphany-browser, gnome-web, falkon, konqueror, qutebrowser, midori, luakit, vimb,
    otter-browser, netsurf, netsurf-gtk, netsurf-gtk3, dillo, ladybird, lynx, w3m, elinks, browsh`),
  editor: names(`
    nvim, neovim, nvim-qt, neovide, goneovim, vim, vim.basic, vim.tiny, vim.nox, vim.gtk, vim.gtk3, vi, nvi, gvim, macvim, vimx, emacs,
    emacs-gtk, emacs-nox, emacs-lucid, emacs-pgtk, emacs-x, emacsclient, xemacs, nano, hx, kak, kakoune, mcedit, zed, zed-editor,
    zeditor, zedit, lapce, lapce-proxy, sublime_text, sublime text, plugin_host, plugin_host-3.3, plugin_host-3.8, subl, sublime_merge,
    gedit, gnome-text-editor, gnome-builder, kate, kwrite, kdevelop, mousepad, leafpad, featherpad, xed, pluma, geany, bluefish, scite,
    notepadqq, notepad, notepad++, bbedit, textmate, textedit, xcode, coteditor, lite-xl, qtcreator, qt creator, codeblocks, spyder,
    thonny, idle3, rstudio, rsession, netbeans, netbeans64, devenv, monodevelop, jdeveloper, bluej, arduino, arduino-ide, godot,
    unityhub, unreal editor, unrealeditor`),
  'forwarding editor': names(`
    code, code-insiders, code-oss, code-server, code-tunnel, code helper, codium, vscodium, codium-insiders, cursor, cursor helper,
    windsurf, windsurf-next, kiro, antigravity, positron, void-editor, openvscode-server, idea, idea64, intellij-idea,
    intellij-idea-ultimate, intellij-idea-community, webstorm, webstorm64, pycharm, pycharm64, pycharm-professional, pycharm-community,
    goland, goland64, phpstorm, phpstorm64, rubymine, rubymine64, clion, clion64, rider, rider64, rustrover, rustrover64, datagrip,
    datagrip64, dataspell, dataspell64, appcode, writerside, mps64, gateway64, jetbrains-gateway, jetbrains-toolbox, jetbrains_client,
    jetbrainsclient, jetbrains-fleet, android-studio, studio64, androidstudio`),
  multiplexer: names('tmux, screen, zellij, byobu, byobu-tmux, byobu-screen, abduco, dtach, dvtm, tmate, mtm, herdr, mosh-server'),
  terminal: names(`
    terminal, gnome-terminal, gnome-terminal-server, gnome-console, kgx, ptyxis, ptyxis-agent, blackbox-terminal, xfce4-terminal,
    mate-terminal, lxterminal, qterminal, deepin-terminal, io.elementary.terminal, cosmic-term, konsole, yakuake, guake, tilda, tilix,
    terminator, terminology, kitty, alacritty, wezterm, wezterm-gui, wezterm-mux-server, ghostty, foot, footclient, warp-terminal,
    waveterm, xterm, uxterm, lxterm, urxvt, urxvtd, rxvt, rxvt-unicode, mlterm, eterm, aterm, st-256color, sakura, termite, roxterm,
    stterm, cool-retro-term, termius, termius-app, iterm2, iterm, windowsterminal, openconsole, conhost, mintty, conemu, conemu64,
    conemuc64, alacritty-msg, mobaxterm, extraterm`),
  'coding agent': names('claude, claude-code, codex, aider, opencode, cursor-agent, kiro-cli, auggie, plandex, openhands'),
  notebook: names(`
    jupyter, jupyter-lab, jupyter-notebook, jupyter-nbclassic, jupyter-console, jupyter-qtconsole, jupyter-server, jupyterhub,
    jupyterhub-singleuser, jupyterlab-desktop, jlab, marimo, zeppelin, mathematica, wolframnb, matlab, octave-gui, sagemath, livebook`),
  /** Programs with windows, of which a person runs one for all projects. */
  application: names(`
    soffice, soffice.bin, oosplash, libreoffice, localc, lowriter, evince, okular, zathura, mupdf, xpdf, foliate, acroread,
    desktopeditors, onlyoffice, winword, powerpnt, thunderbird, thunderbird-bin, betterbird, kmail, mailspring, vesktop, teams-for-linux,
    signal-desktop, telegram-desktop, element-desktop, skypeforlinux, mattermost-desktop, vlc, mpv, totem, celluloid, rhythmbox,
    obsidian, logseq, joplin-desktop, zotero, gimp, gimp-2.10, gimp-3.0, inkscape, krita, darktable, kdenlive, audacity, figma-linux,
    nautilus, thunar, pcmanfm, pcmanfm-qt, yazi, file-roller, eog, loupe, gwenview, sxiv, imv, gnome-calculator, gitk, git-gui,
    gitkraken, github-desktop, sourcetree, smartgit, git-cola, gitg, lazygit, lazydocker, k9s, meld, kdiff3, beyond compare, bcompare,
    yaak, dbeaver, dbeaver-ce, beekeeper-studio, tableplus, mysql-workbench, mysql-workbench-bin, pgadmin4, redisinsight,
    mongodb-compass, robo3t, docker desktop, docker-desktop, rancher-desktop, podman-desktop, orbstack, wireshark, filezilla, remmina,
    virt-manager, virt-viewer, anydesk, teamviewer, rustdesk, keepassxc, bitwarden, 1password`),
  desktop: names(`
    gnome-shell, gnome-session-binary, gnome-session-b, gnome-software, gsd-xsettings, plasmashell, kwin_x11, kwin_wayland, kded5, kded6,
    krunner, kdeconnectd, ksmserver, startplasma-wayland, xfce4-session, xfce4-panel, xfwm4, xfdesktop, cinnamon-session, mate-session,
    mate-panel, lxsession, lxpanel, lxqt-session, lxqt-panel, openbox, i3, i3bar, swaybar, hyprland, hyprpaper, waybar, wayfire, labwc,
    cosmic-session, cosmic-comp, cosmic-panel, budgie-panel, bspwm, dwm, xmonad, fluxbox, icewm, polybar, rofi, wofi, xorg, xwayland,
    xvnc, xtigervnc, x11vnc, xrdp, gnome-remote-desktop-daemon, wayvnc, krfb, vino-server, gvfsd, gvfsd-http,
    gvfs-udisks2-volume-monitor, at-spi-bus-launcher, at-spi2-registryd, ibus-daemon, fcitx5, xdg-desktop-portal, xdg-document-portal,
    xdg-permission-store, pulseaudio, pipewire, pipewire-pulse, wireplumber, goa-daemon, evolution-source-registry, tracker-miner-fs-3,
    gsconnect, cupsd, cups-browsed, avahi-daemon, bluetoothd, dconf-service, windowserver, loginwindow, controlcenter, rapportd,
    sharingd, systemuiserver`),
  'key agent': names(`
    ssh-agent, gpg-agent, scdaemon, dirmngr, keyboxd, tpm2d, pinentry, pinentry-gnome3, pinentry-qt, pinentry-curses, pinentry-mac,
    gnome-keyring, gnome-keyring-daemon, gcr-ssh-agent, gcr-prompter, keychain, kwalletd, kwalletd5, kwalletd6, ksecretd, p11-kit-server,
    polkit-gnome-authentication-agent-1, aws-vault, yubikey-agent`),
  /** The tools of an engine, which a service may run in its foreground. */
  'container engine': names('podman, colima, limactl'),
  /** The processes that an engine keeps beside a container. */
  'container monitor': names(`
    conmon, containerd-shim, containerd-shim-runc-v2, containerd-shim-runc-v1, buildkitd, rootlesskit, docker-proxy, rootlessport,
    catatonit, slirp4netns, pasta.avx2, fuse-overlayfs, gvproxy, aardvark-dns, netavark, vpnkit, com.docker.backend,
    com.docker.vpnkit, com.docker.virtualization`),
  /** An engine's own service, under which all containers run. */
  'container daemon': names('dockerd, dockerd-rootless, dockerd-rootless.sh, containerd, crio'),
  'virtual machine': names(`
    qemu-system-x86_64, qemu-system-x86_64-headless, qemu-system-aarch64, qemu-system-aarch64-headless, qemu-system-arm, emulator,
    emulator64-crash-service, virtualboxvm, vboxheadless, vboxsvc, vmware-vmx, prl_vm_app, multipassd`),
  /** Daemons that the first tool starts which needs them, and that all projects then use. */
  'shared daemon': names(`
    watchman, adb, epmd, sccache, distccd, icecccd, eslint_d, prettierd, buck2d, pantsd, vbcscompiler, git-credential-cache--daemon,
    git-credential-cache, dart-tooling-daemon, usbmuxd, coresimulatord, mutagen-agent`),
  'sync tool': names(`
    syncthing, dropbox, dropboxd, onedrive, nextcloud, owncloud, insync, megasync, mega-cmd-server, pcloud, rslsync, resilio sync,
    google drive, googledrivefs, seaf-daemon, seafile-applet, synology drive, cloud-drive-ui, spideroak, tresorit, mutagen, fileproviderd`),
  tunnel: names('ssh, kubectl'),
  login: names('login, su, sudo, script'),
  /** Matched letter by letter. */
  'system service': [
    ...names('init, systemd, launchd, sshd, sshd-session, kubelet, dbus-daemon'),
    ...['NetworkManager', 'svchost.exe', 'System', 'services.exe', 'lsass.exe', 'wininit.exe'],
  ],
  'postgres server': names('postgres, postgres.exe, postmaster'),
  'data server': names('mysqld, mariadbd, mongod, redis-server, valkey-server').flatMap((name) => [name, `${name}.exe`]),
} satisfies Record<string, readonly string[]>;

function names(list: string): readonly string[] {
  return list.trim().split(/,\s*/);
}
